package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// configVerdict says whether Talos takes a machine config.
type configVerdict struct {
	File    string `json:"file"`
	OK      bool   `json:"ok"`
	Problem string `json:"problem,omitempty"`
}

// checkConfigs loads machine configs and validates them as "talosctl validate"
// does, and prints a verdict for each.
func checkConfigs(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: check-configs takes machine configs", errUsage)
	}

	allOK := true
	encoder := json.NewEncoder(os.Stdout)

	for _, path := range args {
		verdict := configVerdict{File: path, OK: true}

		if err := checkConfig(path); err != nil {
			verdict.OK = false
			verdict.Problem = err.Error()
			allOK = false
		}

		if err := encoder.Encode(verdict); err != nil {
			return err
		}
	}

	if !allOK {
		return errNotOK
	}

	return nil
}

func checkConfig(path string) error {
	loaded, err := configloader.NewFromFile(path)
	if err != nil {
		return err
	}

	return validateConfig(loaded, metal)
}
