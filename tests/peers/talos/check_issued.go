package main

import (
	"bytes"
	"crypto/rsa"
	"crypto/tls"
	stdx509 "crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"github.com/siderolabs/crypto/x509"
)

// issuedRequest asks for a verdict on a certificate or a signing request. It
// says what was asked for in words, so that the library can make its own.
type issuedRequest struct {
	Name string `json:"name"`
	// Crt is the certificate to judge, or CSR the signing request alone; where
	// both are there the certificate was issued for the request.
	Crt string `json:"crt"`
	CSR string `json:"csr"`
	// CA and CAKey issued the certificate; without them it signed itself.
	CA    string `json:"ca"`
	CAKey string `json:"ca_key"`
	// Key is the private key of the certificate or request.
	Key string `json:"key"`
	// What was asked for.
	Purpose       string   `json:"purpose"`
	CommonName    string   `json:"common_name"`
	Organizations []string `json:"organizations"`
	DNSNames      []string `json:"dns_names"`
	IPAddresses   []net.IP `json:"ip_addresses"`
	Hours         int      `json:"hours"`
}

// checkIssued answers the requests on standard input, in their order.
func checkIssued(args []string) error {
	return answerRequests("check-issued", args, judgeIssued)
}

func judgeIssued(asked issuedRequest, found *problems) {
	switch {
	case asked.Crt == "":
		found.try("request", asked.checkRequest)
	case asked.CA == "":
		found.try("shape", asked.checkSelfSigned)
	default:
		found.try("shape", asked.checkLeaf)
		found.try("use", asked.checkUse)
	}
}

func (asked issuedRequest) name() string { return asked.Name }

// options are what the library is told of the wish.
func (asked issuedRequest) options() []x509.Option {
	return []x509.Option{
		x509.CommonName(asked.CommonName),
		x509.Organization(asked.Organizations...),
		x509.DNSNames(asked.DNSNames),
		x509.IPAddresses(asked.IPAddresses),
	}
}

// checkRequest compares a signing request with the one that the library makes
// with the same key.
func (asked issuedRequest) checkRequest() error {
	ours, err := readRequest(asked.CSR)
	if err != nil {
		return err
	}

	if err = ours.CheckSignature(); err != nil {
		return err
	}

	theirs, err := asked.request()
	if err != nil {
		return err
	}

	if !bytes.Equal(ours.RawTBSCertificateRequest, theirs.RawTBSCertificateRequest) {
		return fmt.Errorf("Talos has %x, the file %x", theirs.RawTBSCertificateRequest, ours.RawTBSCertificateRequest)
	}

	if ours.SignatureAlgorithm != theirs.SignatureAlgorithm {
		return fmt.Errorf("Talos signs it with %s, it has %s", theirs.SignatureAlgorithm, ours.SignatureAlgorithm)
	}

	return nil
}

// request is the signing request that the library makes.
func (asked issuedRequest) request() (*stdx509.CertificateRequest, error) {
	file, err := os.ReadFile(asked.Key)
	if err != nil {
		return nil, err
	}

	key, err := (&x509.PEMEncodedCertificateAndKey{Key: file}).GetKey()
	if err != nil {
		return nil, err
	}

	request, err := x509.NewCertificateSigningRequest(key, asked.options()...)
	if err != nil {
		return nil, err
	}

	block, _ := pem.Decode(request.X509CertificateRequestPEM)

	return stdx509.ParseCertificateRequest(block.Bytes)
}

// checkSelfSigned compares a CA with one that the library makes. It only makes
// ECDSA keys on P-256, so a key on another curve is compared without that.
func (asked issuedRequest) checkSelfSigned() error {
	ours, err := readCertificate(asked.Crt)
	if err != nil {
		return err
	}

	if err = ours.CheckSignatureFrom(ours); err != nil {
		return err
	}

	options := append(
		asked.options(),
		x509.NotBefore(ours.NotBefore),
		x509.NotAfter(ours.NotBefore.Add(time.Duration(asked.Hours)*time.Hour)),
	)

	switch ours.PublicKeyAlgorithm {
	case stdx509.RSA:
		options = append(options, x509.RSA(true))
	case stdx509.ECDSA:
		options = append(options, x509.ECDSA(true))
	}

	theirs, err := x509.NewSelfSignedCertificateAuthority(options...)
	if err != nil {
		return err
	}

	if ours.SignatureAlgorithm == stdx509.ECDSAWithSHA384 && theirs.Crt.SignatureAlgorithm == stdx509.ECDSAWithSHA256 {
		theirs.Crt.SignatureAlgorithm = stdx509.ECDSAWithSHA384
	}

	if len(ours.SubjectKeyId) != len(theirs.Crt.SubjectKeyId) {
		return errors.New("the subject key identifier has another length")
	}

	if asked.Key != "" {
		if err := belongs(asked.Key, ours); err != nil {
			return err
		}
	}

	return sameShape(theirs.Crt, ours)
}

// checkLeaf compares a leaf with the one that the library issues with the same
// CA for the same request.
func (asked issuedRequest) checkLeaf() error {
	ours, err := readCertificate(asked.Crt)
	if err != nil {
		return err
	}

	ca, err := os.ReadFile(asked.CA)
	if err != nil {
		return err
	}

	caKey, err := os.ReadFile(asked.CAKey)
	if err != nil {
		return err
	}

	var request []byte

	if asked.CSR != "" {
		if request, err = os.ReadFile(asked.CSR); err != nil {
			return err
		}
	} else {
		if err = belongs(asked.Key, ours); err != nil {
			return err
		}

		made, err := asked.request()
		if err != nil {
			return err
		}

		request = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: made.Raw})
	}

	options := []x509.Option{
		x509.NotBefore(ours.NotBefore),
		x509.NotAfter(ours.NotBefore.Add(time.Duration(asked.Hours) * time.Hour)),
		x509.KeyUsage(signing),
		x509.ExtKeyUsage(asked.usages()),
	}

	if asked.Purpose == "server" {
		// As trustd does.
		options = append(options, x509.OverrideSubject(func(subject *pkix.Name) {
			subject.Organization = nil
		}))
	}

	theirs, err := x509.NewCertificateFromCSRBytes(ca, caKey, request, options...)
	if err != nil {
		return err
	}

	return sameShape(theirs.X509Certificate, ours)
}

func (asked issuedRequest) usages() []stdx509.ExtKeyUsage {
	return map[string][]stdx509.ExtKeyUsage{
		"client":            {client},
		"server":            {server},
		"server-and-client": {server, client},
	}[asked.Purpose]
}

// checkUse verifies a leaf as apid does a client, whose usage must be this one
// and no other, and as a client of apid does a server, by each of its names.
func (asked issuedRequest) checkUse() error {
	leaf, err := readCertificate(asked.Crt)
	if err != nil {
		return err
	}

	ca, err := readCertificate(asked.CA)
	if err != nil {
		return err
	}

	roots := stdx509.NewCertPool()
	roots.AddCert(ca)

	for _, usage := range asked.usages() {
		options := stdx509.VerifyOptions{
			Roots:       roots,
			KeyUsages:   []stdx509.ExtKeyUsage{usage},
			CurrentTime: leaf.NotBefore.Add(time.Minute),
		}
		hosts := []string{""}

		if usage == server {
			hosts = slices.Clone(asked.DNSNames)
			for _, address := range asked.IPAddresses {
				hosts = append(hosts, address.String())
			}
		}

		for _, host := range hosts {
			options.DNSName = host
			if _, err := leaf.Verify(options); err != nil {
				return fmt.Errorf("for %q: %w", host, err)
			}
		}
	}

	if !slices.Equal(leaf.ExtKeyUsage, asked.usages()) {
		return fmt.Errorf("its usages are %v", leaf.ExtKeyUsage)
	}

	wanted := slices.Sorted(slices.Values(asked.Organizations))
	if asked.Purpose == "server" {
		wanted = nil
	}

	if roles := slices.Sorted(slices.Values(leaf.Subject.Organization)); !slices.Equal(roles, wanted) {
		return fmt.Errorf("its organizations are %q", roles)
	}

	return nil
}

// belongs says whether the key in a file is the certificate's.
func belongs(file string, certificate *stdx509.Certificate) error {
	contents, err := os.ReadFile(file)
	if err != nil {
		return err
	}

	pair := x509.PEMEncodedCertificateAndKey{
		Crt: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}),
		Key: contents,
	}

	key, err := pair.GetKey()
	if err != nil {
		return err
	}

	if key, ok := key.(*rsa.PrivateKey); ok {
		if err := key.Validate(); err != nil {
			return err
		}
	}

	_, err = tls.X509KeyPair(pair.Crt, pair.Key)

	return err
}

// tbsCertificate is what is signed of a certificate (RFC 5280 section 4.1).
type tbsCertificate struct {
	Raw          asn1.RawContent
	Version      int `asn1:"explicit,tag:0"`
	SerialNumber asn1.RawValue
	Signature    pkix.AlgorithmIdentifier
	Issuer       asn1.RawValue
	Validity     asn1.RawValue
	Subject      asn1.RawValue
	PublicKey    asn1.RawValue
	Extensions   asn1.RawValue `asn1:"explicit,tag:3"`
}

// sameShape compares two certificates in everything but serial number, key,
// subject key identifier and signature; what is compared is compared as bytes.
func sameShape(theirs, ours *stdx509.Certificate) error {
	if theirs.SignatureAlgorithm != ours.SignatureAlgorithm {
		return fmt.Errorf("Talos signs with %s, the file has %s", theirs.SignatureAlgorithm, ours.SignatureAlgorithm)
	}

	if theirs.PublicKeyAlgorithm != ours.PublicKeyAlgorithm {
		return fmt.Errorf("Talos has a key for %s, the file for %s", theirs.PublicKeyAlgorithm, ours.PublicKeyAlgorithm)
	}

	var bodies [2]tbsCertificate

	for i, certificate := range []*stdx509.Certificate{theirs, ours} {
		if _, err := asn1.Unmarshal(certificate.RawTBSCertificate, &bodies[i]); err != nil {
			return err
		}
	}

	extensions := func(certificate *stdx509.Certificate) []byte {
		extensions := slices.Clone(certificate.Extensions)
		for i, extension := range extensions {
			if extension.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 14}) {
				extensions[i].Value = nil
			}
		}

		encoded, err := asn1.Marshal(extensions)
		if err != nil {
			return []byte(err.Error())
		}

		return encoded
	}

	parts := []struct {
		name         string
		theirs, ours []byte
	}{
		{"version", []byte{byte(bodies[0].Version)}, []byte{byte(bodies[1].Version)}},
		{"issuer", bodies[0].Issuer.FullBytes, bodies[1].Issuer.FullBytes},
		{"validity", bodies[0].Validity.FullBytes, bodies[1].Validity.FullBytes},
		{"subject", bodies[0].Subject.FullBytes, bodies[1].Subject.FullBytes},
		{"extensions", extensions(theirs), extensions(ours)},
	}

	for _, part := range parts {
		if !bytes.Equal(part.theirs, part.ours) {
			return fmt.Errorf("%s: Talos has %s, the file %s", part.name, hex.EncodeToString(part.theirs), hex.EncodeToString(part.ours))
		}
	}

	return nil
}

func readCertificate(file string) (*stdx509.Certificate, error) {
	der, err := readBlock(file, "CERTIFICATE")
	if err != nil {
		return nil, err
	}

	return stdx509.ParseCertificate(der)
}

func readRequest(file string) (*stdx509.CertificateRequest, error) {
	der, err := readBlock(file, "CERTIFICATE REQUEST")
	if err != nil {
		return nil, err
	}

	return stdx509.ParseCertificateRequest(der)
}

// readBlock reads a file that is one PEM block and nothing else, to the byte.
func readBlock(file, label string) ([]byte, error) {
	contents, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}

	block, rest := pem.Decode(contents)
	if block == nil || block.Type != label || len(rest) != 0 {
		return nil, fmt.Errorf("%s is not one block %q", file, label)
	}

	if !bytes.Equal(pem.EncodeToMemory(block), contents) {
		return nil, fmt.Errorf("%s is not written as Go writes PEM", file)
	}

	return block.Bytes, nil
}
