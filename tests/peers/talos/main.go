// Command talos-peer asks the library that Talos itself is built from what it
// thinks of files that talos-pki wrote.
//
// talosctl cannot be required as a Go module, but everything it does with
// secrets and machine configs is in this library, so its verdict is Talos's
// verdict. The program adds no opinion of its own: it loads, issues, generates
// and validates exactly as talosctl and a Talos node would.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

const usage = `usage: talos-peer COMMAND

  version
        print the version of Talos's library that this program is built with
  check-bundles
        read requests from standard input, one JSON object a line:
        {"name": "...", "contract": "v1.14", "yaml": "secrets.yaml",
         "json": "secrets.json" (either or both), "now": "RFC 3339 time" (optional)}
        and print a verdict for each: {"name": "...", "ok": true, "problems": []}
  gen-secrets [--from-kubernetes-pki DIR] [--kubernetes-bootstrap-token TOKEN]
              [--talos-version VERSION] [-o FILE|-]
        write a secrets bundle as "talosctl gen secrets" does, but over an
        existing file
  import-fleet FLEET DIR [TOKEN]
        write DIR/NAME/secrets.yaml for every kubeadm PKI FLEET/NAME, one after
        another, as gen-secrets does for one
  gen-config BUNDLE DIR
        write DIR/controlplane.yaml, worker.yaml and talosconfig, over existing
        files
  from-config FILE
        print the secrets bundle that Talos reads back out of a machine config
  check-configs FILE...
        load and validate machine configs, and print a verdict for each:
        {"file": "...", "ok": true}
  check-talosconfigs FILE...
        print for each talosconfig whether Talos would have written these bytes:
        {"file": "...", "ok": true}
  merge-talosconfigs FILE ADDED
        print what "talosctl config merge" makes of two talosconfigs
  make-impostors BUNDLE DIR
        write DIR/NAME for clients that Talos's API has to refuse, and DIR/good
  call-api BUNDLE FILE...
        serve the Talos API with the bundle's CA, call it as every context of
        every talosconfig, and print what became of each call:
        {"file": "...", "context": "...", "roles": ["os:admin"]}
  judge PATH...
        print for every file, in folders too, what Talos and Go make of it as a
        certificate, as a private key and as a pool of CAs
  check-issued
        read requests from standard input, one JSON object a line, about a
        certificate or signing request and what was asked for in it (see
        issuedRequest), and print a verdict for each as check-bundles does
  check-patches
        read requests from standard input, one JSON object a line: {"name": "...",
        "contract": "v1.14", "bundle": "secrets.yaml", "machine": "controlplane",
        "cluster": "...", "endpoint": "...", "kubernetes_version": "...",
        "install_image": "...", "patch": "controlplane.patch.yaml",
        "complete": "controlplane.yaml"}, apply the patch to what "talosctl gen
        config" makes, and print whether that is the complete config
  config-contracts [--help] BUNDLE DIR
        write DIR/CONTRACT/controlplane.yaml and worker.yaml for every version
        contract from v1.3 to v1.15, without comments
  validate-files bundle|config|config-in-container FILE...
        print Talos's own verdict on each file, a JSON object a line:
        {"file": "...", "ok": true, "problems": []}

exit status: 0 done, 1 a verdict is bad or the command failed, 2 wrong usage
`

// errNotOK says that the command did its work and the verdict, already printed,
// is not a good one.
var errNotOK = errors.New("not ok")

// errUsage says that the command was called wrongly.
var errUsage = errors.New("wrong usage")

func main() {
	err := run(os.Args[1:])

	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errNotOK):
		os.Exit(1)
	case errors.Is(err, errUsage):
		fmt.Fprintf(os.Stderr, "talos-peer: %v\n\n%s", err, usage)
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "talos-peer: %v\n", err)
		os.Exit(1)
	}
}

// run carries out one command. Talos's library panics on some input that it
// does not expect; for a judge that is a bad verdict, not a crash.
func run(args []string) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic in Talos's library: %v", cause)
		}
	}()

	commands := map[string]func([]string) error{
		"version":            printVersion,
		"check-bundles":      checkBundles,
		"gen-secrets":        genSecrets,
		"import-fleet":       importFleet,
		"from-config":        fromConfig,
		"gen-config":         genConfig,
		"check-configs":      checkConfigs,
		"check-talosconfigs": checkTalosconfigs,
		"merge-talosconfigs": mergeTalosconfigs,
		"make-impostors":     makeImpostors,
		"call-api":           callAPI,
		"check-issued":       checkIssued,
		"check-patches":      checkPatches,
		"judge":              judge,
		"config-contracts":   configContracts,
		"validate-files":     validateFiles,
	}

	if len(args) == 0 {
		return fmt.Errorf("%w: name a command", errUsage)
	}

	command, ok := commands[args[0]]
	if !ok {
		return fmt.Errorf("%w: no such command: %s", errUsage, args[0])
	}

	return command(args[1:])
}

// parseFlags parses the flags of a command, which prints its own usage.
func parseFlags(flags *flag.FlagSet, args []string) error {
	err := flags.Parse(args)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return err
	}

	return fmt.Errorf("%w: %w", errUsage, err)
}
