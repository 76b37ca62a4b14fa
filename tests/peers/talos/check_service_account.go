package main

import (
	"crypto/ecdsa"
	"crypto/rsa"
	stdx509 "crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
)

// checkServiceAccount takes the service-account key the way a node does: parse
// it, and hand its public half to kube-apiserver as PEM. The library also parses
// an Ed25519 key; kube-apiserver then refuses to start.
func checkServiceAccount(bundle *secrets.Bundle, found *problems) {
	if bundle.Certs == nil || bundle.Certs.K8sServiceAccount == nil {
		return // Bundle.Validate has said so.
	}

	found.try("certs.k8sserviceaccount", func() error {
		key, err := bundle.Certs.K8sServiceAccount.GetKey()
		if err != nil {
			return err
		}

		block, _ := pem.Decode(key.GetPublicKeyPEM())
		if block == nil {
			return errors.New("the public key cannot be written as PEM")
		}

		public, err := stdx509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return err
		}

		switch public.(type) {
		case *rsa.PublicKey, *ecdsa.PublicKey:
			return nil
		default:
			return fmt.Errorf("kube-apiserver takes RSA and ECDSA, this is %T", public)
		}
	})
}
