//go:build !talos1.13

package main

import (
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/config/validation"
)

// This file and library_1_13.go hold what differs between the two versions of
// Talos's library.

// bundleFromConfig reads the secrets back out of a machine config.
func bundleFromConfig(now time.Time, from config.Config) (*secrets.Bundle, error) {
	return secrets.NewBundleFromConfig(secrets.NewFixedClock(now), from)
}

// validateBundle makes the check that "talosctl gen config" makes of the bundle it
// is given.
func validateBundle(bundle *secrets.Bundle, contract *config.VersionContract) error {
	return bundle.Validate(contract)
}

// validateConfig validates a machine config as "talosctl validate" does on the
// machine of a person. Warnings do not count, as they do not for talosctl.
func validateConfig(loaded config.Provider, on mode) error {
	_, err := loaded.ValidateAsClient(on, validation.WithLocal())

	return err
}
