package main

import (
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/rancher/dynamiclistener/cert"
	"github.com/rancher/dynamiclistener/factory"
)

// Which certificates a server of k3s has, by pkg/daemons/control/deps/deps.go in k3s. PROGRAM is k3s or
// rke2.
var (
	asClient = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	asServer = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	asBoth   = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}

	masters = []string{"system:masters"}

	apiServer = cert.AltNames{
		DNSNames: []string{
			"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
			"localhost", "cp-1",
		},
		IPs: []net.IP{net.ParseIP("127.0.0.1"), net.ParseIP("192.0.2.10"), net.ParseIP("10.43.0.1")},
	}
	etcd = cert.AltNames{
		DNSNames: []string{"kine.sock", "localhost", "cp-1"},
		IPs:      []net.IP{net.ParseIP("127.0.0.1"), net.ParseIP("192.0.2.10"), net.ParseIP("10.43.0.1")},
	}
)

type serverLeaf struct {
	ca, file string
	config   cert.Config
	// kubeconfig is the file in cred with this client, if there is one.
	kubeconfig string
}

func serverLeaves(program string) []serverLeaf {
	client := func(file, name string, organization []string, kubeconfig string) serverLeaf {
		config := cert.Config{CommonName: name, Organization: organization, Usages: asClient}
		return serverLeaf{"client", file, config, kubeconfig}
	}
	return []serverLeaf{
		client("client-admin", "system:admin", masters, "admin"),
		client("client-supervisor", "system:"+program+"-supervisor", masters, "supervisor"),
		client("client-controller", "system:kube-controller-manager", nil, "controller"),
		client("client-scheduler", "system:kube-scheduler", nil, "scheduler"),
		client("client-kube-apiserver", "system:apiserver", masters, "api-server"),
		client("client-kube-proxy", "system:kube-proxy", nil, ""),
		client("client-"+program+"-controller", "system:"+program+"-controller", nil, ""),
		client("client-"+program+"-cloud-controller", program+"-cloud-controller-manager", nil, "cloud-controller"),
		{"server", "serving-kube-apiserver", cert.Config{CommonName: "kube-apiserver", AltNames: apiServer, Usages: asServer}, ""},
		{"request-header", "client-auth-proxy", cert.Config{CommonName: "system:auth-proxy", Usages: asClient}, ""},
		{"etcd/server", "etcd/client", cert.Config{CommonName: "etcd-client", Usages: asClient}, ""},
		{"etcd/server", "etcd/server-client", cert.Config{CommonName: "etcd-server", AltNames: etcd, Usages: asBoth}, ""},
		{"etcd/peer", "etcd/peer-server-client", cert.Config{CommonName: "etcd-peer", AltNames: etcd, Usages: asBoth}, ""},
	}
}

// authority is what stands in the files of a CA: its own certificate and key first.
type authority struct {
	chain []*x509.Certificate
	key   crypto.Signer
}

// makeServer makes what a server has at its start.
func makeServer(program, folder string) error {
	tls := filepath.Join(folder, "tls")
	names := map[string]string{
		"client": program + "-client", "server": program + "-server",
		"request-header": program + "-request-header", "etcd/server": "etcd-server", "etcd/peer": "etcd-peer",
	}
	authorities := map[string]authority{}
	for ca, name := range names {
		var err error
		if authorities[ca], err = ensureAuthority(filepath.Join(tls, ca+"-ca"), name); err != nil {
			return fmt.Errorf("%s-ca: %w", ca, err)
		}
	}
	// The signers of the controller manager take one certificate.
	for _, ca := range []string{"client", "server"} {
		single := cert.EncodeCertPEM(authorities[ca].chain[0])
		if err := cert.WriteCert(filepath.Join(tls, ca+"-ca.nochain.crt"), single); err != nil {
			return err
		}
	}
	for _, leaf := range serverLeaves(program) {
		if err := issueServerLeaf(tls, authorities[leaf.ca], leaf); err != nil {
			return fmt.Errorf("%s: %w", leaf.file, err)
		}
		if leaf.kubeconfig != "" {
			text := kubeconfig(program, leaf.file)
			if err := write(text, folder, "cred", leaf.kubeconfig+".kubeconfig"); err != nil {
				return err
			}
		}
	}
	// Keys that agents get; their certificates are on agents.
	for _, name := range []string{"client-kubelet", "serving-kubelet"} {
		if _, _, err := cert.LoadOrGenerateKeyFile(filepath.Join(tls, name+".key"), false); err != nil {
			return err
		}
	}
	if err := ensureServiceAccountKeys(tls); err != nil {
		return err
	}
	return writeDynamic(program, tls, authorities["server"])
}

func ensureAuthority(path, name string) (authority, error) {
	text, _, err := cert.LoadOrGenerateKeyFile(path+".key", false)
	if err != nil {
		return authority{}, err
	}
	parsed, err := cert.ParsePrivateKeyPEM(text)
	if err != nil {
		return authority{}, err
	}
	key := parsed.(crypto.Signer)
	chain, err := cert.CertsFromFile(path + ".crt")
	if errors.Is(err, fs.ErrNotExist) {
		config := cert.Config{CommonName: fmt.Sprintf("%s-ca@%d", name, time.Now().Unix())}
		var made *x509.Certificate
		if made, err = cert.NewSelfSignedCACert(config, key); err != nil {
			return authority{}, err
		}
		chain = []*x509.Certificate{made}
		err = cert.WriteCert(path+".crt", cert.EncodeCertPEM(made))
	}
	return authority{chain, key}, err
}

// issueServerLeaf writes the certificate with all of its CA's file behind it.
func issueServerLeaf(tls string, by authority, leaf serverLeaf) error {
	text, _, err := cert.LoadOrGenerateKeyFile(filepath.Join(tls, leaf.file+".key"), true)
	if err != nil {
		return err
	}
	key, err := cert.ParsePrivateKeyPEM(text)
	if err != nil {
		return err
	}
	made, err := cert.NewSignedCert(leaf.config, key.(crypto.Signer), by.chain[0], by.key)
	if err != nil {
		return err
	}
	chain := cert.EncodeCertPEM(made)
	for _, above := range by.chain {
		chain = append(chain, cert.EncodeCertPEM(above)...)
	}
	return cert.WriteCert(filepath.Join(tls, leaf.file+".crt"), chain)
}

// ensureServiceAccountKeys keeps the first of the keys in a file of its own: it signs.
func ensureServiceAccountKeys(tls string) error {
	path := filepath.Join(tls, "service.key")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err := cert.NewPrivateKey()
		if err != nil {
			return err
		}
		text = cert.EncodePrivateKeyPEM(key)
		if err := cert.WriteKey(path, text); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	first, _ := pem.Decode(text)
	return cert.WriteKey(filepath.Join(tls, "service.current.key"), pem.EncodeToMemory(first))
}

// writeDynamic is the certificate of the supervisor: a Secret as the library keeps it in a file.
func writeDynamic(program, tls string, by authority) error {
	listener := factory.TLS{CACert: by.chain, CAKey: by.key, CN: program, Organization: []string{program}}
	secret, _, err := listener.AddCN(nil, "127.0.0.1", "192.0.2.10", "cp-1", "kubernetes.default.svc")
	if err != nil {
		return err
	}
	text, err := json.Marshal(secret)
	if err != nil {
		return err
	}
	return write(append(text, '\n'), tls, "dynamic-cert.json")
}

func kubeconfig(program, client string) []byte {
	tls := "/var/lib/rancher/" + program + "/server/tls/"
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
clusters:
- name: local
  cluster: {server: "https://127.0.0.1:6444", certificate-authority: %sserver-ca.crt}
users:
- name: user
  user: {client-certificate: %s%s.crt, client-key: %s%s.key}
contexts:
- name: Default
  context: {cluster: local, namespace: default, user: user}
current-context: Default
`, tls, tls, client, tls, client)
}
