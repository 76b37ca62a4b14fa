package main

import (
	"fmt"
	"os"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// fromConfig prints the bundle that "talosctl gen secrets
// --from-controlplane-config" writes.
func fromConfig(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: from-config takes one machine config", errUsage)
	}

	loaded, err := configloader.NewFromFile(args[0])
	if err != nil {
		return err
	}

	bundle, err := bundleFromConfig(time.Now(), loaded)
	if err != nil {
		return err
	}

	text, err := encodeYAML(bundle)
	if err != nil {
		return err
	}

	_, err = os.Stdout.Write(text)

	return err
}
