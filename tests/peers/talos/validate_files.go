package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// validateFiles prints what Talos's own validation says of bundles or machine
// configs, a verdict a line: for a bundle that of "talosctl gen config
// --with-secrets", for a machine config that of "talosctl validate" with --mode metal, or with --mode container.
func validateFiles(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("%w: validate-files takes a kind and files", errUsage)
	}

	validators := map[string]func(string) error{
		"bundle":              validateBundleFile,
		"config":              func(path string) error { return validateConfigFile(path, metal) },
		"config-in-container": func(path string) error { return validateConfigFile(path, inContainer) },
	}

	validator, ok := validators[args[0]]
	if !ok {
		return fmt.Errorf("%w: no such kind: %s", errUsage, args[0])
	}

	encoder := json.NewEncoder(os.Stdout)

	for _, path := range args[1:] {
		found := problems{}

		// Talos panics on some files; that is a refusal, too.
		found.try("refused", func() error { return validator(path) })

		err := encoder.Encode(struct {
			File     string   `json:"file"`
			OK       bool     `json:"ok"`
			Problems problems `json:"problems"`
		}{path, len(found) == 0, found})
		if err != nil {
			return err
		}
	}

	return nil
}

func validateBundleFile(path string) error {
	bundle, err := loadBundle(path, time.Now())
	if err != nil {
		return err
	}

	return validateBundle(bundle, config.TalosVersionCurrent)
}

func validateConfigFile(path string, on mode) error {
	loaded, err := configloader.NewFromFile(path)
	if err != nil {
		return err
	}

	return validateConfig(loaded, on)
}
