package main

import (
	"crypto"
	"crypto/sha256"
	stdx509 "crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/siderolabs/crypto/x509"
)

// judgement is what Talos and Go make of one file.
type judgement struct {
	File string `json:"file"`
	// Certificate and Key are the verdicts of the reader that Talos uses for
	// everything in a bundle. Either looks at the first PEM block only.
	Certificate opinion `json:"certificate"`
	Key         opinion `json:"key"`
	// CAPool is how many different certificates a pool of trusted CAs takes from
	// the file.
	CAPool int `json:"ca_pool"`
	// X509 is the verdict of Go's own parser on the first PEM block, where that
	// is labelled as a certificate.
	X509 *opinion `json:"x509,omitempty"`
}

// opinion is one verdict.
type opinion struct {
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
	// SHA256 tells which of several the reader took: the hash of a certificate,
	// or of the public half of a key (SubjectPublicKeyInfo), in hexadecimal.
	SHA256 string `json:"sha256,omitempty"`
}

// judge prints a judgement for every file named, or found in a folder named.
func judge(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: judge takes files and folders", errUsage)
	}

	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)

	for _, root := range args {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}

			if entry.IsDir() {
				return nil
			}

			return encoder.Encode(judgeFile(path))
		})
		if err != nil {
			return err
		}
	}

	return nil
}

// judgeFile asks every reader about one file. To one that cannot be opened they
// would all say the same.
func judgeFile(path string) judgement {
	text, err := readRegular(path)
	if err != nil {
		unread := opinion{Error: err.Error()}

		return judgement{File: path, Certificate: unread, Key: unread}
	}

	pair := &x509.PEMEncodedCertificateAndKey{Crt: text, Key: text}

	judged := judgement{
		File:        path,
		Certificate: onCertificate(pair.GetCert()),
		Key:         onKey(pair.GetKey()),
		CAPool:      poolSize(text),
	}

	if block, _ := pem.Decode(text); block != nil && block.Type == x509.PEMTypeCertificate {
		plain := onCertificate(stdx509.ParseCertificate(block.Bytes))
		judged.X509 = &plain
	}

	return judged
}

// readRegular reads a file, but no pipe or device, where it might wait for ever.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}

	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}

	return os.ReadFile(path)
}

// onCertificate turns the answer of a certificate reader into an opinion.
func onCertificate(certificate *stdx509.Certificate, err error) opinion {
	if err != nil {
		return opinion{Error: err.Error()}
	}

	return opinion{OK: true, SHA256: hash(certificate.Raw)}
}

// onKey turns the answer of a key reader into an opinion. The library gives any
// kind of private key that Go has; all of them know their public half.
func onKey(key any, err error) opinion {
	if err != nil {
		return opinion{Error: err.Error()}
	}

	private, ok := key.(interface{ Public() crypto.PublicKey })
	if !ok {
		return opinion{OK: true}
	}

	public, err := stdx509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return opinion{OK: true}
	}

	return opinion{OK: true, SHA256: hash(public)}
}

// hash gives a SHA-256 in hexadecimal.
func hash(data []byte) string {
	sum := sha256.Sum256(data)

	return hex.EncodeToString(sum[:])
}

// poolSize asks a real pool. Go has deprecated Subjects because it misses the
// certificates of the operating system; this pool has none of those.
func poolSize(text []byte) int {
	pool := stdx509.NewCertPool()
	pool.AppendCertsFromPEM(text)

	return len(pool.Subjects()) //nolint:staticcheck
}
