// talos-node does what a node of Talos does with its machine config when it boots,
// as far as Kubernetes and etcd go: it runs the controllers of Talos itself until
// kubelet and the static pods could start. Only the machine is made up: its name,
// its addresses, its clock, and an etcd that says it is well.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/siderolabs/talos/internal/app/machined/pkg/runtime"
	"github.com/siderolabs/talos/internal/pkg/selinux"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// patience is how long the controllers may take. Tenths of a second are enough with
// CAs of elliptic curves; with an RSA CA, a node makes ten keys of RSA-4096. A config
// that lacks something makes them wait for ever.
const patience = 3 * time.Minute

var errUsage = errors.New("wrong usage")

const usage = `usage: talos-node [--hostname NAME] --node-ip ADDRESS... CONFIG FOLDER

Runs the controllers of a node of Talos on the machine config CONFIG. FOLDER gets what
they make of it:

  flags.json        the command line of each server and of kubelet, without the program
  kubelet.yaml      the configuration of kubelet
  kubelet-ca.crt    by which it knows the Kubernetes API
  bootstrap-token   by which it joins

and on a control plane

  system/...        the files of the servers, where a node has them
  pods/NAME.yaml    the static pods
  admin.kubeconfig  the administrator that the node makes

FOLDER becomes the root of the file system of the process, which needs root's rights.
Exit status: 0 all are there, 1 a node would not start them, 2 wrong usage.
`

func main() {
	err := run(os.Args[1:])

	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprintf(os.Stderr, "talos-node: %s\n\n%s", err, usage)
		os.Exit(2)
	case err != nil:
		fmt.Fprintf(os.Stderr, "talos-node: %s\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var on machine

	flags := flag.NewFlagSet("talos-node", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage) }
	flags.StringVar(&on.hostname, "hostname", "talos-1", "")
	flags.Func("node-ip", "", func(text string) error {
		address, err := netip.ParseAddr(text)
		on.addresses = append(on.addresses, address)

		return err
	})

	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}

		return fmt.Errorf("%w: %w", errUsage, err)
	}

	if flags.NArg() != 2 || len(on.addresses) == 0 {
		return fmt.Errorf("%w: a machine config, a folder and --node-ip are needed", errUsage)
	}

	loaded, err := load(flags.Arg(0))
	if err != nil {
		return err
	}

	if err = enter(flags.Arg(1)); err != nil {
		return err
	}

	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()

	return boot(ctx, on, loaded)
}

// load reads a machine config as a node does: one that does not validate is not
// taken.
func load(path string) (config.Provider, error) {
	loaded, err := configloader.NewFromFile(path)
	if err != nil {
		return nil, err
	}

	if _, err = loaded.Validate(runtime.ModeMetal); err != nil {
		return nil, err
	}

	return loaded, nil
}

// enter makes a folder the root of the process: controllers write to the places
// of a node.
func enter(folder string) error {
	// It asks the kernel once, under a path that is not in the folder.
	selinux.IsEnabled()

	if err := os.MkdirAll(filepath.Join(folder, "var", "lib", "etcd"), 0o700); err != nil {
		return err
	}

	if err := os.Chdir(folder); err != nil {
		return err
	}

	if err := syscall.Chroot("."); err != nil {
		return fmt.Errorf("cannot make %s the root (are you root?): %w", folder, err)
	}

	return nil
}
