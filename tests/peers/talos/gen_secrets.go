package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
)

// genSecrets does what "talosctl gen secrets" does and as little as possible
// besides, so that it can stand in for talosctl in a benchmark. Unlike talosctl
// it writes over an existing file, for a benchmark runs many times.
func genSecrets(args []string) error {
	flags := flag.NewFlagSet("gen-secrets", flag.ContinueOnError)
	pki := flags.String("from-kubernetes-pki", "", "the `folder` with the PKI of a kubeadm cluster")
	token := flags.String("kubernetes-bootstrap-token", "", "the bootstrap `token` of that cluster")
	version := flags.String("talos-version", "", "the `version` of Talos to write for")
	output := flags.String("o", "secrets.yaml", "the `file` to write, or - for standard output")

	if err := parseFlags(flags, args); err != nil {
		return err
	}

	if flags.NArg() != 0 {
		return fmt.Errorf("%w: gen-secrets takes no argument", errUsage)
	}

	contract, err := parseContract(*version)
	if err != nil {
		return err
	}

	var bundle *secrets.Bundle

	if *pki != "" {
		bundle, err = secrets.NewBundleFromKubernetesPKI(*pki, *token, contract)
	} else {
		bundle, err = secrets.NewBundle(secrets.NewFixedClock(time.Now()), contract)
	}

	if err != nil {
		return err
	}

	text, err := encodeYAML(bundle)
	if err != nil {
		return err
	}

	if *output == "-" {
		_, err = os.Stdout.Write(text)

		return err
	}

	return os.WriteFile(*output, text, 0o600)
}
