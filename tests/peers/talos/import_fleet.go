package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
)

// importFleet imports many clusters in one process, so that a benchmark can
// compare the work without the start of a program for each.
func importFleet(args []string) error {
	if len(args) != 2 && len(args) != 3 {
		return fmt.Errorf("%w: import-fleet takes the folder of the fleet and one to write to", errUsage)
	}

	token := ""
	if len(args) == 3 {
		token = args[2]
	}

	contract, err := parseContract("")
	if err != nil {
		return err
	}

	clusters, err := os.ReadDir(args[0])
	if err != nil {
		return err
	}

	for _, cluster := range clusters {
		bundle, err := secrets.NewBundleFromKubernetesPKI(filepath.Join(args[0], cluster.Name()), token, contract)
		if err != nil {
			return fmt.Errorf("%s: %w", cluster.Name(), err)
		}

		text, err := encodeYAML(bundle)
		if err != nil {
			return err
		}

		folder := filepath.Join(args[1], cluster.Name())
		if err = os.MkdirAll(folder, 0o700); err != nil {
			return err
		}

		if err = os.WriteFile(filepath.Join(folder, "secrets.yaml"), text, 0o600); err != nil {
			return err
		}
	}

	return nil
}
