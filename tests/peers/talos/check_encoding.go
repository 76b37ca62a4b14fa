package main

import (
	"fmt"
	"os"

	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
)

// checkEncoding holds the files against the bytes that the library writes for
// the same bundle. The loader takes much more than the library writes; people
// keep these files under version control and compare them, so "it can be read"
// is not enough.
func checkEncoding(bundle *secrets.Bundle, asked request, found *problems) {
	if asked.YAML != "" {
		found.try("yaml", func() error {
			want, err := encodeYAML(bundle)
			if err != nil {
				return err
			}

			return expectFile(asked.YAML, want)
		})
	}

	if asked.JSON != "" {
		found.try("json", func() error {
			want, err := encodeJSON(bundle)
			if err != nil {
				return err
			}

			return expectFile(asked.JSON, want)
		})
	}

	if asked.YAML != "" && asked.JSON != "" {
		found.try("json content", func() error { return expectSameContent(bundle, asked.JSON) })
	}
}

// expectFile compares a file with what it should hold.
func expectFile(path string, want []byte) error {
	got, err := os.ReadFile(path)
	if err != nil {
		return err
	}

	return expectSameBytes(want, got)
}

// expectSameContent reads a JSON bundle as programs that embed the library do
// and compares it with the bundle from the YAML. Both are compared in their YAML
// form, to which an absent and an empty value are the same, as they are to Talos.
func expectSameContent(bundle *secrets.Bundle, path string) error {
	read, err := decodeJSON(path)
	if err != nil {
		return err
	}

	want, err := encodeYAML(bundle)
	if err != nil {
		return err
	}

	got, err := encodeYAML(read)
	if err != nil {
		return err
	}

	if err = expectSameBytes(want, got); err != nil {
		return fmt.Errorf("the JSON says something else than the YAML: %w", err)
	}

	return nil
}
