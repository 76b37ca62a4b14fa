package main

import (
	"crypto/ed25519"
	"crypto/rand"
	stdx509 "crypto/x509"
	"encoding/pem"
	"fmt"
	"path/filepath"
	"time"

	"github.com/siderolabs/crypto/x509"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

// impostor is a client that the Talos API refuses for one reason.
type impostor struct {
	name string
	// issuer is the CA that issues to it; nil is the cluster's.
	issuer *x509.CertificateAuthority
	// options are what is not as it should be.
	options []x509.Option
}

// makeImpostors writes the talosconfig of each impostor, and "good", of a client that
// is none.
func makeImpostors(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%w: make-impostors takes a bundle and a folder", errUsage)
	}

	now := time.Now()

	bundle, err := loadBundle(args[0], now)
	if err != nil {
		return err
	}

	ca, err := x509.NewCertificateAuthorityFromCertificateAndKey(bundle.Certs.OS)
	if err != nil {
		return err
	}

	impostors, err := listImpostors(ca, now)
	if err != nil {
		return err
	}

	for _, impostor := range impostors {
		issuer := ca
		if impostor.issuer != nil {
			issuer = impostor.issuer
		}

		pair, err := x509.NewKeyPair(issuer, append([]x509.Option{
			x509.Organization(string(role.Admin)),
			x509.NotBefore(now.Add(-time.Hour)),
			x509.NotAfter(now.Add(time.Hour)),
			x509.KeyUsage(stdx509.KeyUsageDigitalSignature),
			x509.ExtKeyUsage([]stdx509.ExtKeyUsage{client}),
		}, impostor.options...)...)
		if err != nil {
			return fmt.Errorf("%s: %w", impostor.name, err)
		}

		identity := x509.NewCertificateAndKeyFromKeyPair(pair)
		config := clientconfig.NewConfig(impostor.name, nil, ca.CrtPEM, identity)

		if err := config.Save(filepath.Join(args[1], impostor.name)); err != nil {
			return err
		}
	}

	return nil
}

// listImpostors gives all impostors, and the good one.
func listImpostors(ca *x509.CertificateAuthority, now time.Time) ([]impostor, error) {
	stranger, err := x509.NewSelfSignedCertificateAuthority(
		x509.Organization("stranger"), x509.NotAfter(now.Add(time.Hour)))
	if err != nil {
		return nil, err
	}

	selfMade, err := forge(ca.Crt, now)
	if err != nil {
		return nil, err
	}

	usage := func(usages ...stdx509.ExtKeyUsage) []x509.Option {
		return []x509.Option{x509.ExtKeyUsage(usages)}
	}

	return []impostor{
		{name: "good"},
		{name: "of-a-stranger", issuer: stranger},
		{name: "of-a-self-made-ca", issuer: selfMade},
		{name: "for-servers-too", options: usage(server, client)},
		{name: "for-servers", options: usage(server)},
		{name: "for-any-use", options: usage(stdx509.ExtKeyUsageAny)},
		{name: "for-signing-code-too", options: usage(client, stdx509.ExtKeyUsageCodeSigning)},
		{name: "without-a-use", options: usage()},
		{name: "ended", options: []x509.Option{x509.NotAfter(now.Add(-time.Minute))}},
		{name: "not-begun", options: []x509.Option{x509.NotBefore(now.Add(30 * time.Minute))}},
		{name: "without-a-role", options: []x509.Option{x509.Organization("nobody")}},
	}, nil
}

// forge makes a CA that says the same of itself as another, and has a key of its own.
func forge(ca *stdx509.Certificate, now time.Time) (*x509.CertificateAuthority, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}

	template := &stdx509.Certificate{
		RawSubject:            ca.RawSubject,
		SubjectKeyId:          ca.SubjectKeyId,
		SerialNumber:          ca.SerialNumber,
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(time.Hour),
		KeyUsage:              ca.KeyUsage,
		ExtKeyUsage:           ca.ExtKeyUsage,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}

	der, err := stdx509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		return nil, err
	}

	keyDER, err := stdx509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}

	return x509.NewCertificateAuthorityFromCertificateAndKey(&x509.PEMEncodedCertificateAndKey{
		Crt: pem.EncodeToMemory(&pem.Block{Type: x509.PEMTypeCertificate, Bytes: der}),
		Key: pem.EncodeToMemory(&pem.Block{Type: x509.PEMTypeEd25519Private, Bytes: keyDER}),
	})
}
