package main

import (
	"encoding/json"
	"fmt"
	"os"

	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
)

// talosconfigVerdict is what Talos makes of a talosconfig.
type talosconfigVerdict struct {
	File string `json:"file"`
	OK   bool   `json:"ok"`
	// Problem says why not, if it is not what Talos would have written.
	Problem string `json:"problem,omitempty"`
}

// checkTalosconfigs prints for each file whether Talos reads it and would write the
// same bytes.
func checkTalosconfigs(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: check-talosconfigs takes files", errUsage)
	}

	var (
		encoder = json.NewEncoder(os.Stdout)
		failed  error
	)

	encoder.SetEscapeHTML(false)

	for _, path := range args {
		verdict := talosconfigVerdict{File: path, OK: true}

		if err := checkTalosconfig(path); err != nil {
			verdict.OK = false
			verdict.Problem = err.Error()
			failed = errNotOK
		}

		if err := encoder.Encode(verdict); err != nil {
			return err
		}
	}

	return failed
}

// checkTalosconfig reads and writes one talosconfig.
func checkTalosconfig(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}

	config, err := clientconfig.FromBytes(text)
	if err != nil {
		return err
	}

	written, err := config.Bytes()
	if err != nil {
		return err
	}

	return expectSameBytes(written, text)
}

// mergeTalosconfigs prints what "talosctl config merge" makes of two talosconfigs.
func mergeTalosconfigs(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%w: merge-talosconfigs takes two files", errUsage)
	}

	config, err := clientconfig.Open(args[0])
	if err != nil {
		return err
	}

	added, err := clientconfig.Open(args[1])
	if err != nil {
		return err
	}

	config.Merge(added)

	merged, err := config.Bytes()
	if err != nil {
		return err
	}

	_, err = os.Stdout.Write(merged)

	return err
}
