package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"path/filepath"

	"github.com/cloudflare/cfssl/cli"
	"github.com/cloudflare/cfssl/cli/genkey"
	"github.com/cloudflare/cfssl/cli/sign"
	"github.com/cloudflare/cfssl/csr"
	"github.com/cloudflare/cfssl/initca"
	"github.com/cloudflare/cfssl/signer"
)

// Which certificates a controller of k0s has, by pkg/component/controller/certificates.go, etcd.go and
// pkg/certificate/manager.go in k0s.
type controllerLeaf struct {
	ca, file, name, organization string
	hosts                        []string
	// kubeconfig is the file with this client, if there is one.
	kubeconfig string
}

var controllerAuthorities = [][2]string{
	{"ca", "kubernetes-ca"}, {"front-proxy-ca", "kubernetes-front-proxy-ca"}, {"etcd/ca", "etcd-ca"},
}

var (
	controllerNames = []string{
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster",
		"kubernetes.svc.cluster.local", "127.0.0.1", "localhost", "192.0.2.10", "10.96.0.1",
	}
	loopback = []string{"127.0.0.1", "localhost"}

	controllerLeaves = []controllerLeaf{
		{"front-proxy-ca", "front-proxy-client", "front-proxy-client", "front-proxy-client", nil, ""},
		{"ca", "admin", "kubernetes-admin", "system:masters", nil, "admin.conf"},
		{"ca", "konnectivity", "kubernetes-konnectivity", "system:masters", nil, "konnectivity.conf"},
		{"ca", "ccm", "system:kube-controller-manager", "system:kube-controller-manager", nil, "ccm.conf"},
		{"ca", "scheduler", "system:kube-scheduler", "system:kube-scheduler", nil, "scheduler.conf"},
		{"ca", "apiserver-kubelet-client", "apiserver-kubelet-client", "system:masters", nil, ""},
		{"ca", "server", "kubernetes", "kubernetes", controllerNames, ""},
		{"ca", "k0s-api", "k0s-api", "kubernetes", controllerNames, ""},
		{"etcd/ca", "apiserver-etcd-client", "apiserver-etcd-client", "apiserver-etcd-client", loopback, ""},
		{"etcd/ca", "etcd/server", "etcd-server", "etcd-server", loopback, ""},
		{"etcd/ca", "etcd/peer", "192.0.2.10", "etcd-peer", []string{"192.0.2.10"}, ""},
	}
)

func makeController(folder string) error {
	certificates := map[string][]byte{}
	for _, ca := range controllerAuthorities {
		request := csr.CertificateRequest{CN: ca[1], KeyRequest: rsaKey(), CA: &csr.CAConfig{Expiry: "87600h"}}
		certificate, _, key, err := initca.New(&request)
		if err != nil {
			return err
		}
		certificates[ca[0]] = certificate
		if err := writePair(folder, ca[0], certificate, key); err != nil {
			return err
		}
	}
	for _, leaf := range controllerLeaves {
		certificate, key, err := issueControllerLeaf(folder, leaf)
		if err != nil {
			return fmt.Errorf("%s: %w", leaf.file, err)
		}
		if err := writePair(folder, leaf.file, certificate, key); err != nil {
			return err
		}
		if leaf.kubeconfig != "" {
			text := embeddedKubeconfig(certificates[leaf.ca], certificate, key)
			if err := write(text, folder, leaf.kubeconfig); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{"sa", "etcd/jwt"} {
		if err := writeKeyPair(folder, name); err != nil {
			return err
		}
	}
	return nil
}

func issueControllerLeaf(folder string, leaf controllerLeaf) (certificate, key []byte, err error) {
	request := csr.CertificateRequest{
		CN: leaf.name, Names: []csr.Name{{O: leaf.organization}}, Hosts: leaf.hosts, KeyRequest: rsaKey(),
	}
	generator := csr.Generator{Validator: genkey.Validator}
	asked, key, err := generator.ProcessRequest(&request)
	if err != nil {
		return nil, nil, err
	}
	ca := filepath.Join(folder, leaf.ca)
	by, err := sign.SignerFromConfig(cli.Config{CAFile: ca + ".crt", CAKeyFile: ca + ".key"})
	if err != nil {
		return nil, nil, err
	}
	certificate, err = by.Sign(signer.SignRequest{Request: string(asked), Profile: "kubernetes"})
	return certificate, key, err
}

func rsaKey() *csr.KeyRequest {
	return &csr.KeyRequest{A: "rsa", S: 2048}
}

func writePair(folder, name string, certificate, key []byte) error {
	if err := write(certificate, folder, name+".crt"); err != nil {
		return err
	}
	return write(key, folder, name+".key")
}

// writeKeyPair makes a key of no certificate: for tokens of service accounts, and for those of etcd.
func writeKeyPair(folder, name string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	private := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	if err := write(pem.EncodeToMemory(private), folder, name+".key"); err != nil {
		return err
	}
	return write(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), folder, name+".pub")
}

func embeddedKubeconfig(ca, certificate, key []byte) []byte {
	text := base64.StdEncoding.EncodeToString
	return fmt.Appendf(nil, `
apiVersion: v1
kind: Config
clusters:
- name: local
  cluster: {server: "https://localhost:6443", certificate-authority-data: %s}
users:
- name: user
  user: {client-certificate-data: %s, client-key-data: %s}
contexts:
- name: Default
  context: {cluster: local, namespace: default, user: user}
current-context: Default
`, text(ca), text(certificate), text(key))
}
