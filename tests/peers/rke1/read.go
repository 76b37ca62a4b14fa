package main

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"

	"github.com/rancher/rke/cluster"
	"github.com/rancher/rke/pki"
)

// piece is a certificate and its key. Fingerprints are SHA-256 of the DER of a certificate, and of the
// public half of a key.
type piece struct {
	Certificate string   `json:"certificate,omitempty"`
	PublicKey   string   `json:"public_key,omitempty"`
	Shape       []string `json:"shape"`
}

func readState(ctx context.Context, folder string) (any, error) {
	state, err := cluster.ReadStateFile(ctx, stateFile(folder))
	if err != nil {
		return nil, err
	}
	return pieces(state.CurrentState.CertificatesBundle)
}

func readNode(_ context.Context, folder string) (any, error) {
	bundle, err := pki.ReadCertsAndKeysFromDir(folder)
	if err != nil {
		return nil, err
	}
	return pieces(bundle)
}

func pieces(bundle map[string]pki.CertificatePKI) (map[string]piece, error) {
	read := map[string]piece{}
	for name, of := range bundle {
		var this piece
		if of.Certificate != nil {
			this.Certificate = fingerprint(of.Certificate.Raw)
			this.Shape = shape(of.Certificate)
		}
		if of.Key != nil {
			public, err := x509.MarshalPKIXPublicKey(of.Key.Public())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			this.PublicKey = fingerprint(public)
		}
		read[name] = this
	}
	return read, nil
}

// shape is what two certificates that are made alike have in common.
func shape(of *x509.Certificate) []string {
	said := []string{
		"subject " + of.Subject.String(), "issuer " + of.Issuer.String(),
		fmt.Sprint("signature ", of.SignatureAlgorithm), fmt.Sprint("usage ", of.KeyUsage),
		fmt.Sprint("purposes ", of.ExtKeyUsage), fmt.Sprint("authority ", of.IsCA),
		fmt.Sprint("years ", int(of.NotAfter.Sub(of.NotBefore).Hours()/24/365)),
		fmt.Sprint("serial is zero ", of.SerialNumber.Sign() == 0),
	}
	for _, extension := range of.Extensions {
		said = append(said, fmt.Sprint("extension ", extension.Id, " ", extension.Critical))
	}
	return said
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
