package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	configtypes "github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
)

// patchRequest asks whether a patch makes a complete config of what "talosctl
// gen config" makes.
type patchRequest struct {
	Name     string `json:"name"`
	Contract string `json:"contract"`
	Bundle   string `json:"bundle"`
	Machine  string `json:"machine"`
	// What talosctl is told, beside its defaults.
	Cluster           string `json:"cluster"`
	Endpoint          string `json:"endpoint"`
	KubernetesVersion string `json:"kubernetes_version"`
	InstallImage      string `json:"install_image"`
	// Patch and Complete are the files to compare.
	Patch    string `json:"patch"`
	Complete string `json:"complete"`
}

func (asked patchRequest) name() string { return asked.Name }

// checkPatches answers the requests on standard input, in their order.
func checkPatches(args []string) error {
	return answerRequests("check-patches", args, judgePatch)
}

func judgePatch(asked patchRequest, found *problems) {
	found.try("patch", func() error {
		patched, err := patchedConfig(asked)
		if err != nil {
			return err
		}

		complete, err := configloader.NewFromFile(asked.Complete)
		if err != nil {
			return err
		}

		found.try("documents", func() error { return expectSameDocuments(complete, patched) })

		// It has to survive being written and read, as a node reads it.
		text, err := patched.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))
		if err != nil {
			return err
		}

		read, err := configloader.NewFromBytes(text)
		if err != nil {
			return err
		}

		found.try("documents as written", func() error { return expectSameDocuments(complete, read) })

		// Newer libraries refuse some configs for older versions; a patch changes nothing about it.
		want, got := fmt.Sprint(validateConfig(complete, metal)), fmt.Sprint(validateConfig(read, metal))
		if want != got {
			return fmt.Errorf("Talos says %q of the complete config, and %q of the patched one", want, got)
		}

		return nil
	})
}

// patchedConfig does what "talosctl gen config --config-patch-…" does.
func patchedConfig(asked patchRequest) (config.Provider, error) {
	bundle, err := loadBundle(asked.Bundle, time.Now())
	if err != nil {
		return nil, err
	}

	contract, err := config.ParseContractFromVersion(asked.Contract)
	if err != nil {
		return nil, err
	}

	machineType, err := machine.ParseType(asked.Machine)
	if err != nil {
		return nil, err
	}

	of := defaultCluster()
	of.name, of.endpoint, of.kubernetesVersion = asked.Cluster, asked.Endpoint, asked.KubernetesVersion
	of.installImage = asked.InstallImage

	generated, err := generatedConfig(bundle, contract, machineType, of)
	if err != nil {
		return nil, err
	}

	patches, err := configpatcher.LoadPatches([]string{"@" + asked.Patch})
	if err != nil {
		return nil, err
	}

	patched, err := configpatcher.Apply(configpatcher.WithConfig(generated), patches)
	if err != nil {
		return nil, err
	}

	return patched.Config()
}

// expectSameDocuments compares the documents by kind and name, in Talos's own
// encoding. The order of documents counts within a kind alone: authorizers are
// asked in it.
func expectSameDocuments(want, got config.Provider) error {
	wanted, err := documentsByKind(want)
	if err != nil {
		return err
	}

	found, err := documentsByKind(got)
	if err != nil {
		return err
	}

	var differences []error

	for _, kind := range slices.Concat(wanted.order, found.order) {
		if err = expectSameBytes(wanted.text[kind], found.text[kind]); err != nil {
			differences = append(differences, fmt.Errorf("%s: %w", kind, err))
		}

		// Told once.
		delete(wanted.text, kind)
		delete(found.text, kind)
	}

	return errors.Join(differences...)
}

// kinds has the text of all documents of each kind, in their order.
type kinds struct {
	order []string
	text  map[string][]byte
}

func documentsByKind(of config.Provider) (kinds, error) {
	found := kinds{text: map[string][]byte{}}

	for _, document := range of.Documents() {
		text, err := encodeDocument(document)
		if err != nil {
			return found, err
		}

		kind := document.Kind()
		found.order = append(found.order, kind)
		found.text[kind] = slices.Concat(found.text[kind], []byte("---\n"), text)
	}

	return found, nil
}

func encodeDocument(document configtypes.Document) ([]byte, error) {
	return encoder.NewEncoder(document, encoder.WithComments(encoder.CommentsDisabled)).Encode()
}
