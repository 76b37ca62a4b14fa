package main

import (
	stdx509 "crypto/x509"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/constants"
)

// This file follows internal/app/machined/pkg/controllers/secrets of Talos:
// kubernetes_dynamic_certs.go, kubernetes.go, etcd.go and the files that collect
// the names of certificates.

// issued is a certificate that a node issues to itself when it starts.
type issued struct {
	// file is where the certificate and the key go, without `.crt` and `.key`.
	file     string
	validity time.Duration
	usages   []stdx509.ExtKeyUsage
	subject  []x509.Option
	names    names
}

// names are what a server answers to.
type names struct {
	dns []string
	ips []net.IP
}

// kubernetesCertificates are those of the Kubernetes CA. The last stands for all
// kubeconfigs that a node makes: they differ in the name alone.
func (c controlPlane) kubernetesCertificates(on node) []issued {
	year := constants.KubernetesDefaultCertificateValidityDuration

	return []issued{
		{
			file:     "kube-apiserver/apiserver",
			validity: year,
			usages:   []stdx509.ExtKeyUsage{server},
			subject:  []x509.Option{x509.CommonName("kube-apiserver"), x509.Organization("kube-master")},
			names:    c.apiServerNames(on),
		},
		{
			file:     "kube-apiserver/apiserver-kubelet-client",
			validity: year,
			usages:   []stdx509.ExtKeyUsage{client},
			subject: []x509.Option{
				x509.CommonName(constants.KubernetesAPIServerKubeletClientCommonName),
				x509.Organization(constants.KubernetesAdminCertOrganization),
			},
		},
		{
			file:     "admin",
			validity: year,
			usages:   []stdx509.ExtKeyUsage{client},
			subject: []x509.Option{
				x509.CommonName("talos:admin"),
				x509.Organization(constants.KubernetesAdminCertOrganization),
			},
		},
	}
}

// aggregatorCertificates are those of the aggregator's CA.
func aggregatorCertificates() []issued {
	return []issued{{
		file:     "kube-apiserver/front-proxy-client",
		validity: constants.KubernetesDefaultCertificateValidityDuration,
		usages:   []stdx509.ExtKeyUsage{client},
		subject:  []x509.Option{x509.CommonName("front-proxy-client")},
	}}
}

// etcdCertificates are those of the etcd CA.
func etcdCertificates(on node) []issued {
	decade := secrets.CAValidityTime
	both := []stdx509.ExtKeyUsage{server, client}

	peer := names{dns: []string{on.hostname}, ips: on.addresses}
	local := names{
		dns: append([]string{"localhost"}, peer.dns...),
		ips: append([]net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, peer.ips...),
	}

	return []issued{
		{file: "etcd/server", validity: decade, usages: both, subject: []x509.Option{x509.CommonName(on.hostname)}, names: local},
		{file: "etcd/peer", validity: decade, usages: both, subject: []x509.Option{x509.CommonName(on.hostname)}, names: peer},
		{
			file:     "kube-apiserver/etcd-client",
			validity: decade,
			usages:   []stdx509.ExtKeyUsage{client},
			subject:  []x509.Option{x509.CommonName("kube-apiserver")},
		},
	}
}

// apiServerNames are all that clients may call the API server of a node by.
func (c controlPlane) apiServerNames(on node) names {
	all := names{
		dns: []string{
			"kubernetes",
			"kubernetes.default",
			"kubernetes.default.svc",
			"kubernetes.default.svc." + c.dnsDomain,
			"localhost",
			on.hostname,
		},
		ips: append([]net.IP{net.IPv4(127, 0, 0, 1)}, on.addresses...),
	}

	for _, cidr := range c.serviceCIDRs {
		if first := firstAddress(cidr); first != nil {
			all.ips = append(all.ips, first)
		}
	}

	for _, name := range append([]string{c.endpointHost}, c.apiServer.certSANs...) {
		if ip := net.ParseIP(name); ip != nil {
			all.ips = append(all.ips, ip)
		} else if !slices.Contains(all.dns, name) {
			all.dns = append(all.dns, name)
		}
	}

	return all
}

// firstAddress is the address of the service `kubernetes` in a range of services.
func firstAddress(cidr string) net.IP {
	_, network, err := net.ParseCIDR(cidr)
	if err != nil {
		return nil
	}

	first := slices.Clone(network.IP)
	first[len(first)-1]++

	return first
}

// issue issues with the library that nodes issue with. The time is the library's:
// the certificate begins now.
func (i issued) issue(with *x509.PEMEncodedCertificateAndKey) (*x509.KeyPair, error) {
	ca, err := x509.NewCertificateAuthorityFromCertificateAndKey(with)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", i.file, err)
	}

	options := append([]x509.Option{
		x509.NotAfter(time.Now().Add(i.validity)),
		x509.KeyUsage(signingEncipherment),
		x509.ExtKeyUsage(i.usages),
		x509.DNSNames(i.names.dns),
		x509.IPAddresses(i.names.ips),
	}, i.subject...)

	pair, err := x509.NewKeyPair(ca, options...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", i.file, err)
	}

	return pair, nil
}
