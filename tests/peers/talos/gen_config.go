package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
)

// genConfig does what "talosctl gen config" does and as little as possible
// besides, so that it can stand in for talosctl in a benchmark: it writes
// controlplane.yaml, worker.yaml and talosconfig, over existing files.
func genConfig(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%w: gen-config takes a bundle and a folder", errUsage)
	}

	bundle, err := loadBundle(args[0], time.Now())
	if err != nil {
		return err
	}

	of := defaultCluster()

	for _, machineType := range []machine.Type{machine.TypeControlPlane, machine.TypeWorker} {
		text, err := machineConfig(bundle, nil, machineType, of)
		if err != nil {
			return err
		}

		if err = os.WriteFile(filepath.Join(args[1], machineType.String()+".yaml"), text, 0o600); err != nil {
			return err
		}
	}

	input, err := generate.NewInput(of.name, of.endpoint, of.kubernetesVersion, generate.WithSecretsBundle(bundle))
	if err != nil {
		return err
	}

	talosconfig, err := input.Talosconfig()
	if err != nil {
		return err
	}

	text, err := yaml.Marshal(talosconfig)
	if err != nil {
		return err
	}

	return os.WriteFile(filepath.Join(args[1], "talosconfig"), text, 0o600)
}
