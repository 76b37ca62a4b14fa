package main

import (
	stdx509 "crypto/x509"
	"net"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

// leaf is a certificate that Talos issues with one of the bundle's CAs.
type leaf struct {
	name string
	// issue gives the certificate in PEM.
	issue func(*x509.CertificateAuthority) ([]byte, error)
	// usages are what it must be good for, each.
	usages []stdx509.ExtKeyUsage
	// host is a name that it must be good for; empty for a client.
	host string
}

var (
	server = stdx509.ExtKeyUsageServerAuth
	client = stdx509.ExtKeyUsageClientAuth
)

// The key usages that the controllers of a node ask for: those of Kubernetes and
// etcd name the encipherment that an RSA key exchange once needed, apid does not.
const (
	signing             = stdx509.KeyUsageDigitalSignature
	signingEncipherment = stdx509.KeyUsageDigitalSignature | stdx509.KeyUsageKeyEncipherment
)

// nodeName stands for the host name of a node.
const nodeName = "node-1"

// nodeSANs are names that a server on a node answers to.
func nodeSANs() []x509.Option {
	return []x509.Option{
		x509.DNSNames([]string{nodeName, "localhost"}),
		x509.IPAddresses([]net.IP{net.IPv4(10, 0, 0, 1), net.IPv4(127, 0, 0, 1)}),
	}
}

// kubernetesLeaves are the certificates of kube-apiserver.
func kubernetesLeaves(now time.Time) []leaf {
	year := lasting(now, constants.KubernetesDefaultCertificateValidityDuration)

	return []leaf{
		{
			name: "kube-apiserver",
			issue: newKeyPair(signingEncipherment, []stdx509.ExtKeyUsage{server}, year, nodeSANs(), []x509.Option{
				x509.CommonName("kube-apiserver"),
				x509.Organization("kube-master"),
			}),
			usages: []stdx509.ExtKeyUsage{server},
			host:   nodeName,
		},
		{
			name: "kube-apiserver as a client of kubelets",
			issue: newKeyPair(signingEncipherment, []stdx509.ExtKeyUsage{client}, year, []x509.Option{
				x509.CommonName(constants.KubernetesAPIServerKubeletClientCommonName),
				x509.Organization(constants.KubernetesAdminCertOrganization),
			}),
			usages: []stdx509.ExtKeyUsage{client},
		},
	}
}

// etcdLeaves are the certificates of an etcd member and of its client. They
// last as long as a new CA: Talos does not renew them.
func etcdLeaves(now time.Time) []leaf {
	decade := lasting(now, secrets.CAValidityTime)

	return []leaf{
		{
			name: "etcd",
			issue: newKeyPair(signingEncipherment, []stdx509.ExtKeyUsage{server, client}, decade, nodeSANs(), []x509.Option{
				x509.CommonName(nodeName),
			}),
			usages: []stdx509.ExtKeyUsage{server, client},
			host:   nodeName,
		},
		{
			name: "kube-apiserver as a client of etcd",
			issue: newKeyPair(signingEncipherment, []stdx509.ExtKeyUsage{client}, decade, []x509.Option{
				x509.CommonName("kube-apiserver"),
			}),
			usages: []stdx509.ExtKeyUsage{client},
		},
	}
}

// aggregatorLeaves is the one certificate of the aggregator's CA: it only ever
// issues to the client that kube-apiserver is to an aggregated API server.
func aggregatorLeaves(now time.Time) []leaf {
	return []leaf{{
		name: "front-proxy-client",
		issue: newKeyPair(signingEncipherment, []stdx509.ExtKeyUsage{client},
			lasting(now, constants.KubernetesDefaultCertificateValidityDuration), []x509.Option{
				x509.CommonName("front-proxy-client"),
			}),
		usages: []stdx509.ExtKeyUsage{client},
	}}
}

// talosLeaves are the certificates of the Talos API: those of apid on a control
// plane, the one that a worker's apid is given by trustd, and an administrator's.
func talosLeaves(now time.Time) []leaf {
	day := lasting(now, constants.DefaultCertificateValidityDuration)

	return []leaf{
		{
			name: "apid",
			issue: newKeyPair(signing, []stdx509.ExtKeyUsage{server}, day, nodeSANs(), []x509.Option{
				x509.CommonName(nodeName),
			}),
			usages: []stdx509.ExtKeyUsage{server},
			host:   nodeName,
		},
		{
			name: "apid as a client of other nodes",
			issue: newKeyPair(signing, []stdx509.ExtKeyUsage{client}, day, []x509.Option{
				x509.CommonName(nodeName),
				x509.Organization(string(role.Impersonator)),
			}),
			usages: []stdx509.ExtKeyUsage{client},
		},
		{
			name:   "apid on a worker",
			issue:  signRequest(signing, []stdx509.ExtKeyUsage{server}, day, nodeSANs()),
			usages: []stdx509.ExtKeyUsage{server},
			host:   nodeName,
		},
		{
			name:   "administrator",
			issue:  newAdministrator(now),
			usages: []stdx509.ExtKeyUsage{client},
		},
	}
}

// lasting gives a validity that begins now. A node leaves the beginning to the
// library, which takes the machine's clock for it.
func lasting(now time.Time, duration time.Duration) []x509.Option {
	return []x509.Option{x509.NotBefore(now), x509.NotAfter(now.Add(duration))}
}

// newKeyPair issues as the controllers on a control plane node do: key and
// certificate at once, the key's algorithm chosen by how the CA is signed.
func newKeyPair(usage stdx509.KeyUsage, usages []stdx509.ExtKeyUsage, more ...[]x509.Option) func(*x509.CertificateAuthority) ([]byte, error) {
	return func(ca *x509.CertificateAuthority) ([]byte, error) {
		pair, err := x509.NewKeyPair(ca, leafOptions(usage, usages, more)...)
		if err != nil {
			return nil, err
		}

		return pair.CrtPEM, nil
	}
}

// signRequest issues as trustd does: for the signing request of another node,
// whose key's algorithm is chosen by the public key of the CA.
func signRequest(usage stdx509.KeyUsage, usages []stdx509.ExtKeyUsage, more ...[]x509.Option) func(*x509.CertificateAuthority) ([]byte, error) {
	return func(ca *x509.CertificateAuthority) ([]byte, error) {
		options := leafOptions(usage, usages, more)

		request, _, err := x509.NewCSRAndIdentityFromCA(ca.Crt, options...)
		if err != nil {
			return nil, err
		}

		signed, err := x509.NewCertificateFromCSRBytes(ca.CrtPEM, ca.KeyPEM, request.X509CertificateRequestPEM, options...)
		if err != nil {
			return nil, err
		}

		return signed.X509CertificatePEM, nil
	}
}

// newAdministrator issues the certificate that goes into a talosconfig.
func newAdministrator(now time.Time) func(*x509.CertificateAuthority) ([]byte, error) {
	return func(ca *x509.CertificateAuthority) ([]byte, error) {
		pair, err := secrets.NewAdminCertificateAndKey(
			now,
			x509.NewCertificateAndKeyFromCertificateAuthority(ca),
			role.MakeSet(role.Admin),
			constants.TalosAPIDefaultCertificateValidityDuration,
		)
		if err != nil {
			return nil, err
		}

		return pair.Crt, nil
	}
}

// leafOptions puts the options of a leaf together.
func leafOptions(usage stdx509.KeyUsage, usages []stdx509.ExtKeyUsage, more [][]x509.Option) []x509.Option {
	options := []x509.Option{x509.KeyUsage(usage), x509.ExtKeyUsage(usages)}

	for _, group := range more {
		options = append(options, group...)
	}

	return options
}
