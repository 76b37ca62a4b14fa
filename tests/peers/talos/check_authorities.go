package main

import (
	stdx509 "crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
)

// checkAuthorities lets each CA of the bundle issue what a node issues with it,
// and verifies the result as the peers of that node would.
//
// Nothing before this step, neither Bundle.Validate nor the validation of a
// machine config, looks at whether certificate and key belong together, whether
// the certificate is one of a CA, or whether it is valid now.
func checkAuthorities(bundle *secrets.Bundle, now time.Time, found *problems) {
	certs := bundle.Certs
	if certs == nil {
		return // Bundle.Validate has said so.
	}

	for _, authority := range []struct {
		name   string
		pair   *x509.PEMEncodedCertificateAndKey
		leaves []leaf
	}{
		{"etcd", certs.Etcd, etcdLeaves(now)},
		{"k8s", certs.K8s, kubernetesLeaves(now)},
		{"k8saggregator", certs.K8sAggregator, aggregatorLeaves(now)},
		{"os", certs.OS, talosLeaves(now)},
	} {
		if authority.pair == nil {
			continue // Bundle.Validate has said so.
		}

		name := "certs." + authority.name

		found.try(name, func() error { return expectJoinable(authority.pair.Crt) })

		var ca *x509.CertificateAuthority

		found.try(name, func() (err error) {
			ca, err = x509.NewCertificateAuthorityFromCertificateAndKey(authority.pair)

			return err
		})

		if ca == nil {
			continue
		}

		for _, leaf := range authority.leaves {
			found.try(name+": "+leaf.name, func() error { return issueAndVerify(ca, leaf, now) })
		}
	}
}

// expectJoinable checks that a file of CAs keeps its certificates when another
// follows. Talos joins accepted CAs without a separator; where a last line end
// is missing, END and BEGIN share a line and Go finds neither certificate.
func expectJoinable(caPEM []byte) error {
	alone, doubled := countBlocks(caPEM), countBlocks(slices.Concat(caPEM, caPEM))
	if doubled != 2*alone {
		return fmt.Errorf("joined with another CA only %d of %d PEM blocks are left", doubled, 2*alone)
	}

	return nil
}

// countBlocks counts the PEM blocks that Go finds.
func countBlocks(text []byte) int {
	count := 0

	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return count
		}

		count++
	}
}

// issueAndVerify issues one leaf and verifies it for each of its usages, with
// the CA alone as the root.
func issueAndVerify(ca *x509.CertificateAuthority, leaf leaf, now time.Time) error {
	issued, err := leaf.issue(ca)
	if err != nil {
		return fmt.Errorf("cannot be issued: %w", err)
	}

	certificate, err := (&x509.PEMEncodedCertificateAndKey{Crt: issued}).GetCert()
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}

	// The way of every program here to a pool: from the PEM text, not from a
	// certificate that is parsed already.
	roots := stdx509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca.CrtPEM) {
		return errors.New("Go finds no certificate in the CA's PEM")
	}

	for _, usage := range leaf.usages {
		if _, err = certificate.Verify(stdx509.VerifyOptions{
			Roots:       roots,
			DNSName:     leaf.host,
			CurrentTime: now,
			KeyUsages:   []stdx509.ExtKeyUsage{usage},
		}); err != nil {
			return fmt.Errorf("does not verify: %w", err)
		}
	}

	return nil
}
