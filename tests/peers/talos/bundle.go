package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"go.yaml.in/yaml/v4"
)

// loadBundle reads a secrets bundle as "talosctl gen config --with-secrets"
// does, with the given time as the bundle's clock.
func loadBundle(path string, now time.Time) (*secrets.Bundle, error) {
	bundle, err := secrets.LoadBundle(path)

	return withClock(bundle, err, now)
}

// loadJSONBundle reads a secrets bundle as programs that embed the library do.
func loadJSONBundle(path string, now time.Time) (*secrets.Bundle, error) {
	bundle, err := decodeJSON(path)

	return withClock(bundle, err, now)
}

// decodeJSON decodes a bundle from a file of JSON.
func decodeJSON(path string) (*secrets.Bundle, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}

	var bundle *secrets.Bundle
	err = json.Unmarshal(text, &bundle)

	return bundle, err
}

// withClock sets the clock of a bundle that was read.
func withClock(bundle *secrets.Bundle, err error, now time.Time) (*secrets.Bundle, error) {
	if err != nil {
		return nil, err
	}

	// A document that says null is no error to the loader; talosctl then panics.
	if bundle == nil {
		return nil, errors.New("the document is null")
	}

	bundle.Clock = secrets.NewFixedClock(now)

	return bundle, nil
}

// encodeYAML gives the bytes that "talosctl gen secrets" writes.
func encodeYAML(bundle *secrets.Bundle) ([]byte, error) {
	return yaml.Marshal(bundle)
}

// encodeJSON gives the form in which programs that embed the library keep a
// bundle, on one line.
func encodeJSON(bundle *secrets.Bundle) ([]byte, error) {
	var buffer bytes.Buffer

	if err := json.NewEncoder(&buffer).Encode(bundle); err != nil {
		return nil, err
	}

	return buffer.Bytes(), nil
}
