package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"go.yaml.in/yaml/v4"
)

// loadBundle reads a secrets bundle as "talosctl gen config --with-secrets"
// does, with the given time as the bundle's clock.
func loadBundle(path string, now time.Time) (*secrets.Bundle, error) {
	bundle, err := secrets.LoadBundle(path)
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
