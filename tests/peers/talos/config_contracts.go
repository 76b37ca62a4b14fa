package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
)

// The contracts that config-contracts writes for. The first is the oldest whose
// bundles are like today's; the last is one that no version of the library here
// knows yet, as a person with an older talosctl would ask for.
const oldestMinor, newestMinor = 3, 15

// configContracts writes the machine configs of one bundle for all contracts.
func configContracts(args []string) error {
	of := defaultCluster()

	flags := flag.NewFlagSet("config-contracts", flag.ContinueOnError)
	flags.StringVar(&of.name, "name", of.name, "the cluster's `name`")
	flags.StringVar(&of.endpoint, "endpoint", of.endpoint, "the `URL` of the Kubernetes API")
	flags.StringVar(&of.kubernetesVersion, "kubernetes-version", of.kubernetesVersion, "the `version` of Kubernetes to run")
	flags.StringVar(&of.dnsDomain, "dns-domain", of.dnsDomain, "the `domain` of the cluster")
	flags.StringVar(&of.installDisk, "install-disk", of.installDisk, "the `disk` to install to")
	flags.StringVar(&of.installImage, "install-image", of.installImage, "the `image` to install")
	flags.BoolVar(&of.discovery, "with-cluster-discovery", of.discovery, "whether nodes find each other by the discovery service")
	flags.BoolVar(&of.kubeSpan, "with-kubespan", of.kubeSpan, "whether nodes speak through KubeSpan")
	flags.Func("additional-sans", "more `names` of the Kubernetes API, separated by commas", func(names string) error {
		of.additionalSANs = strings.Split(names, ",")

		return nil
	})

	if err := parseFlags(flags, args); err != nil {
		return err
	}

	if flags.NArg() != 2 {
		return fmt.Errorf("%w: config-contracts takes a bundle and a folder", errUsage)
	}

	bundle, err := loadBundle(flags.Arg(0), time.Now())
	if err != nil {
		return err
	}

	for minor := oldestMinor; minor <= newestMinor; minor++ {
		contract := &config.VersionContract{Major: 1, Minor: minor}
		folder := filepath.Join(flags.Arg(1), contract.String())

		if err = os.MkdirAll(folder, 0o700); err != nil {
			return err
		}

		for _, machineType := range []machine.Type{machine.TypeControlPlane, machine.TypeWorker} {
			text, err := machineConfig(bundle, contract, machineType, of)
			if err != nil {
				return fmt.Errorf("%s for %s: %w", machineType, contract, err)
			}

			if err = os.WriteFile(filepath.Join(folder, machineType.String()+".yaml"), text, 0o600); err != nil {
				return err
			}
		}
	}

	return nil
}
