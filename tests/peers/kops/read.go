package main

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"k8s.io/kops/upup/pkg/fi"
)

// keyset is what kops makes of a keyset: what it issues with, what else it trusts, the oldest first,
// and how many generations it trusts no more.
type keyset struct {
	Primary    generation   `json:"primary"`
	Others     []generation `json:"others"`
	Distrusted int          `json:"distrusted"`
}

// generation is a certificate and its key. Fingerprints are SHA-256 of the DER of a certificate, and
// of the public half of a key.
type generation struct {
	Certificate string `json:"certificate"`
	PublicKey   string `json:"public_key"`
	Algorithm   string `json:"algorithm"`
	CommonName  string `json:"common_name"`
	IsAuthority bool   `json:"is_authority"`
	IsOwnIssuer bool   `json:"is_own_issuer"`
}

func readKeysets(store fi.CAStore) (map[string]keyset, error) {
	found, err := store.ListKeysets()
	if err != nil {
		return nil, err
	}
	keysets := map[string]keyset{}
	for name, items := range found {
		if keysets[name], err = readKeyset(items); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return keysets, nil
}

func readKeyset(items *fi.Keyset) (keyset, error) {
	read := keyset{Others: []generation{}}
	for _, item := range itemsByAge(items) {
		if item.DistrustTimestamp != nil {
			read.Distrusted++
			continue
		}
		this, err := readGeneration(item)
		if err != nil {
			return read, fmt.Errorf("%s: %w", item.Id, err)
		}
		if item == items.Primary {
			read.Primary = this
		} else {
			read.Others = append(read.Others, this)
		}
	}
	return read, nil
}

func itemsByAge(items *fi.Keyset) []*fi.KeysetItem {
	var sorted []*fi.KeysetItem
	for _, item := range items.Items {
		sorted = append(sorted, item)
	}
	slices.SortFunc(sorted, func(a, b *fi.KeysetItem) int {
		switch {
		case fi.KeysetItemIdOlder(a.Id, b.Id):
			return -1
		case fi.KeysetItemIdOlder(b.Id, a.Id):
			return 1
		}
		return strings.Compare(a.Id, b.Id)
	})
	return sorted
}

// readGeneration takes the public half from the private key: ours may have read either.
func readGeneration(item *fi.KeysetItem) (generation, error) {
	if item.Certificate == nil || item.PrivateKey == nil {
		return generation{}, fmt.Errorf("it lacks the certificate or the key")
	}
	certificate, key := item.Certificate.Certificate, item.PrivateKey.Key
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return generation{}, err
	}
	return generation{
		Certificate: fingerprint(certificate.Raw),
		PublicKey:   fingerprint(public),
		Algorithm:   algorithm(key),
		CommonName:  certificate.Subject.CommonName,
		IsAuthority: certificate.IsCA,
		IsOwnIssuer: bytes.Equal(certificate.RawSubject, certificate.RawIssuer),
	}, nil
}

func algorithm(key any) string {
	if key, ok := key.(*rsa.PrivateKey); ok {
		return fmt.Sprintf("RSA-%d", key.N.BitLen())
	}
	return fmt.Sprintf("%T", key)
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
