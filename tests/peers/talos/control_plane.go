package main

import (
	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/config"
)

// controlPlane is what a machine config says about the control plane of
// Kubernetes, whichever of Talos's two generations of config it is: fields of one
// document (up to 1.13), or documents of their own (from 1.14 on).
//
// Everything in it comes from an accessor of Talos's library, so that the library
// decides what the YAML means and we do not.
type controlPlane struct {
	// endpoint is the URL of the Kubernetes API, as a string of Go's making.
	endpoint     string
	endpointHost string
	dnsDomain    string
	serviceCIDRs []string

	kubernetesCA          *x509.PEMEncodedCertificateAndKey
	acceptedKubernetesCAs []*x509.PEMEncodedCertificate
	aggregatorCA          *x509.PEMEncodedCertificateAndKey
	acceptedAggregatorCAs []*x509.PEMEncodedCertificate

	// bootstrapToken is how the kubelets of nodes introduce themselves.
	bootstrapToken string

	serviceAccounts serviceAccounts
	encryption      encryption
	apiServer       kubeAPIServer
	etcd            etcdMember
}

// serviceAccounts is how tokens of service accounts are signed and accepted. The
// lists of accepted CAs, keys and issuers hold what is issued with, too: first,
// except in the issuers, which are others.
type serviceAccounts struct {
	key             *x509.PEMEncodedKey
	acceptedKeys    []*x509.PEMEncodedKey
	issuer          string
	acceptedIssuers []string
	audiences       []string
}

// encryption is how Kubernetes encrypts what it puts into etcd: the whole
// configuration, or, in fields of the older generation, nothing but keys.
type encryption struct {
	configuration   map[string]any
	secretboxSecret string
	aescbcSecret    string
}

// kubeAPIServer is what concerns kube-apiserver alone.
type kubeAPIServer struct {
	port      int
	certSANs  []string
	extraArgs map[string][]string
	// defaults and policies are the flags, and the rules by which extraArgs may
	// change flags, in which the two generations differ.
	defaults arguments
	policies map[string]mergePolicy
	// authentication is nil where it is left to flags.
	authentication map[string]any
	authorizers    []authorizer
	admission      []admissionPlugin
	auditPolicy    map[string]any
}

type authorizer struct {
	kind    string
	name    string
	webhook map[string]any
}

type admissionPlugin struct {
	name          string
	configuration map[string]any
}

// etcdMember is what concerns etcd alone.
type etcdMember struct {
	ca        *x509.PEMEncodedCertificateAndKey
	extraArgs map[string][]string
}

func bootstrapToken(token config.Token) string {
	return token.ID() + "." + token.Secret()
}

// withDefaultAuthorizers puts Node and RBAC before what a config of the older
// generation names, as a node does (controllers/k8s/control_plane.go).
func withDefaultAuthorizers(named []authorizer) []authorizer {
	all := named

	for index, standard := range []authorizer{{kind: "Node", name: "node"}, {kind: "RBAC", name: "rbac"}} {
		present := false

		for _, one := range named {
			present = present || one.kind == standard.kind
		}

		if !present {
			at := min(index, len(all))
			all = append(all[:at:at], append([]authorizer{standard}, all[at:]...)...)
		}
	}

	return all
}
