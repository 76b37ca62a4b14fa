package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// made is the time in the names of CAs of k3s.
var made = regexp.MustCompile(`@\d+`)

// shapesBelow says of each block of PEM in each file what is the same in all that are made alike.
func shapesBelow(folder string) (map[string][]string, error) {
	shapes := map[string][]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
			said, err := shape(block)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			shapes[name] = append(shapes[name], said)
		}
		return nil
	})
	return shapes, err
}

func shape(block *pem.Block) (string, error) {
	if block.Type != "CERTIFICATE" {
		// RSA keys of one size differ by a byte or two.
		return fmt.Sprintf("%s of about %d bytes", block.Type, (len(block.Bytes)+16)/32*32), nil
	}
	of, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", err
	}
	serial := fmt.Sprint("serial ", of.SerialNumber)
	if of.SerialNumber.BitLen() > 8 {
		serial = "a serial by chance"
	}
	said := []string{
		fmt.Sprint("subject ", of.Subject), fmt.Sprint("issuer ", of.Issuer), serial,
		fmt.Sprint(of.SignatureAlgorithm), fmt.Sprint(of.PublicKeyAlgorithm),
		fmt.Sprintf("usage %b", of.KeyUsage), fmt.Sprint("purposes ", of.ExtKeyUsage),
		fmt.Sprint("authority ", of.IsCA), fmt.Sprint("path length ", of.MaxPathLen),
		fmt.Sprint("years ", math.Round(of.NotAfter.Sub(of.NotBefore).Hours()/24/365)),
	}
	for _, extension := range of.Extensions {
		said = append(said, fmt.Sprint("extension ", extension.Id, " ", extension.Critical))
	}
	return made.ReplaceAllString(strings.Join(said, ", "), "@TIME"), nil
}
