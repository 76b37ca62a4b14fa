package main

import (
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
)

// checkMachineConfigs puts the bundle into machine configs, reads them back from
// their text and validates them: "talosctl gen config", then "talosctl validate".
func checkMachineConfigs(bundle *secrets.Bundle, contract *config.VersionContract, found *problems) {
	for _, machineType := range []machine.Type{machine.TypeControlPlane, machine.TypeWorker} {
		found.try(machineType.String()+" config", func() error {
			text, err := machineConfig(bundle, contract, machineType, defaultCluster())
			if err != nil {
				return err
			}

			loaded, err := configloader.NewFromBytes(text)
			if err != nil {
				return err
			}

			return validateConfig(loaded, metal)
		})
	}
}
