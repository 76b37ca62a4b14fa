package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// node is what the machine itself adds to its config.
type node struct {
	hostname  string
	addresses []net.IP
}

// writeNode does what a control plane node of Talos does with its machine config
// when it boots, as far as the secrets of Kubernetes and etcd go: it gives their
// servers the files and flags that a real node would give them.
//
// The code of a node is not published as a module. What is rebuilt here is what
// lies between Talos's library, which reads the config, and the servers, which are
// real: each file names the one of Talos that it follows.
func writeNode(args []string) error {
	var on node

	flags := flag.NewFlagSet("node", flag.ContinueOnError)
	flags.StringVar(&on.hostname, "hostname", "talos-1", "the `name` of the node")
	flags.Func("node-ip", "an `address` of the node (repeatable, the first is advertised)", func(text string) error {
		ip := net.ParseIP(text)
		if ip == nil {
			return errors.New("not an IP address")
		}

		on.addresses = append(on.addresses, ip)

		return nil
	})

	if err := parseFlags(flags, args); err != nil {
		return err
	}

	if flags.NArg() != 2 || len(on.addresses) == 0 {
		return fmt.Errorf("%w: node takes a machine config, a folder and --node-ip", errUsage)
	}

	folder, err := filepath.Abs(flags.Arg(1))
	if err != nil {
		return err
	}

	plane, err := loadControlPlane(flags.Arg(0))
	if err != nil {
		return err
	}

	return errors.Join(
		plane.writeCertificates(on, folder),
		plane.writeFiles(folder),
		plane.writeFlags(on, folder),
	)
}

// loadControlPlane reads a machine config as a node does: one that does not
// validate is not taken.
func loadControlPlane(path string) (controlPlane, error) {
	loaded, err := configloader.NewFromFile(path)
	if err != nil {
		return controlPlane{}, err
	}

	if err = validateConfig(loaded); err != nil {
		return controlPlane{}, err
	}

	if !loaded.Machine().Type().IsControlPlane() {
		return controlPlane{}, fmt.Errorf("%s is the config of a %s", path, loaded.Machine().Type())
	}

	return readControlPlane(loaded)
}

// writeCertificates issues every certificate and writes it with its key.
func (c controlPlane) writeCertificates(on node, folder string) error {
	for _, by := range []struct {
		ca    *x509.PEMEncodedCertificateAndKey
		leafs []issued
	}{
		{c.kubernetesCA, c.kubernetesCertificates(on)},
		{c.aggregatorCA, aggregatorCertificates()},
		{c.etcd.ca, etcdCertificates(on)},
	} {
		for _, leaf := range by.leafs {
			pair, err := leaf.issue(by.ca)
			if err != nil {
				return err
			}

			crt := pair.CrtPEM
			if leaf.file == "kube-apiserver/apiserver" {
				// Clients that know a root above the CA find the way by this.
				crt = bytes.Join([][]byte{crt, c.kubernetesCA.Crt}, []byte("\n"))
			}

			err = errors.Join(
				writeFile(filepath.Join(folder, leaf.file+".crt"), crt),
				writeFile(filepath.Join(folder, leaf.file+".key"), pair.KeyPEM),
			)
			if err != nil {
				return err
			}
		}
	}

	return nil
}

// writeFiles writes what servers are given besides certificates of their own. It
// follows controllers/k8s/render_secrets_static_pod.go and controllers/etcd/pki.go
// of Talos, which put certificates and keys behind one another without looking at
// where one ends.
func (c controlPlane) writeFiles(folder string) error {
	files := map[string][]byte{
		"kube-apiserver/ca.crt":              joined(certificates(c.acceptedKubernetesCAs)),
		"kube-apiserver/aggregator-ca.crt":   joined(certificates(c.acceptedAggregatorCAs)),
		"kube-apiserver/etcd-client-ca.crt":  c.etcd.ca.Crt,
		"kube-apiserver/service-account.key": c.serviceAccounts.key.Key,
		"kube-apiserver/service-account.pub": joined(keys(c.serviceAccounts.acceptedKeys)),
		"etcd/ca.crt":                        c.etcd.ca.Crt,
		"kubelet/bootstrap-token":            []byte(c.bootstrapToken),
	}

	for name, content := range c.apiServerFiles() {
		text, err := json.Marshal(content)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}

		files[filepath.Join("kube-apiserver", name)] = text
	}

	var problems []error

	for name, text := range files {
		problems = append(problems, writeFile(filepath.Join(folder, name), text))
	}

	return errors.Join(problems...)
}

// writeFlags writes flags.json: the command line of each server, without the
// program.
func (c controlPlane) writeFlags(on node, folder string) error {
	apiServer, err := c.apiServerArguments(filepath.Join(folder, "kube-apiserver"))
	if err != nil {
		return err
	}

	etcd, err := c.etcdArguments(on, filepath.Join(folder, "etcd"))
	if err != nil {
		return err
	}

	text, err := json.MarshalIndent(map[string][]string{
		"kube-apiserver": apiServer.flags(),
		"etcd":           etcd.flags(),
	}, "", "  ")
	if err != nil {
		return err
	}

	return writeFile(filepath.Join(folder, "flags.json"), append(text, '\n'))
}

func certificates(of []*x509.PEMEncodedCertificate) [][]byte {
	var all [][]byte

	for _, one := range of {
		all = append(all, one.Crt)
	}

	return all
}

func keys(of []*x509.PEMEncodedKey) [][]byte {
	var all [][]byte

	for _, one := range of {
		all = append(all, one.Key)
	}

	return all
}

func joined(parts [][]byte) []byte {
	return bytes.Join(parts, nil)
}

// writeFile writes a file that may hold a key, and the folder it is in.
func writeFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}

	return os.WriteFile(path, text, 0o600)
}
