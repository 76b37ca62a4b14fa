package main

import (
	"context"
	"crypto/x509/pkix"
	"time"

	"k8s.io/kops/pkg/pki"
	"k8s.io/kops/upup/pkg/fi"
)

// rotateKeysets leaves in each keyset a generation that is distrusted, the primary, and one to come.
func rotateKeysets(ctx context.Context, store fi.CAStore) error {
	keysets, err := store.ListKeysets()
	if err != nil {
		return err
	}
	for name, keyset := range keysets {
		old := keyset.Primary
		if keyset.Primary, err = addGeneration(ctx, name, keyset); err != nil {
			return err
		}
		// As kops rounds it.
		now := time.Now().UTC().Round(0)
		old.DistrustTimestamp = &now
		if _, err := addGeneration(ctx, name, keyset); err != nil {
			return err
		}
		if err := store.StoreKeyset(ctx, name, keyset); err != nil {
			return err
		}
	}
	return nil
}

// addGeneration follows "kops create keypair" (cmd/kops/create_keypair.go), which is no library: the
// serial number is in the subject, too.
func addGeneration(ctx context.Context, name string, keyset *fi.Keyset) (*fi.KeysetItem, error) {
	serial := pki.BuildPKISerial(time.Now().UnixNano())
	certificate, key, _, err := pki.IssueCert(ctx, &pki.IssueCertRequest{
		Type:    "ca",
		Subject: pkix.Name{CommonName: name, SerialNumber: serial.String()},
		Serial:  serial,
	}, nil)
	if err != nil {
		return nil, err
	}
	return keyset.AddItem(certificate, key, false)
}
