//go:build talos1.13

package main

import (
	"errors"
	"strings"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/gen/xslices"
	"github.com/siderolabs/talos/pkg/machinery/config"
	talosconfig "github.com/siderolabs/talos/pkg/machinery/config/config"
)

// readControlPlane asks the fields of `cluster`. What has no field is what the
// controllers of a node make of the fields there are
// (controllers/secrets/root.go): issuer and audience are the endpoint, and the
// one key that signs tokens is the one that is accepted.
func readControlPlane(loaded config.Provider) (controlPlane, error) {
	cluster := loaded.Cluster()
	server := cluster.APIServer()

	if cluster.IssuingCA() == nil || cluster.AggregatorCA() == nil || cluster.ServiceAccount() == nil || cluster.Etcd().CA() == nil {
		return controlPlane{}, errors.New("the config lacks a CA or the service-account key: a node would start no control plane")
	}

	key, err := cluster.ServiceAccount().GetKey()
	if err != nil {
		return controlPlane{}, err
	}

	endpoint := cluster.Endpoint().String()

	return controlPlane{
		endpoint:     endpoint,
		endpointHost: cluster.Endpoint().Hostname(),
		dnsDomain:    cluster.Network().DNSDomain(),
		serviceCIDRs: cluster.Network().ServiceCIDRs(),

		kubernetesCA:          cluster.IssuingCA(),
		acceptedKubernetesCAs: append([]*x509.PEMEncodedCertificate{{Crt: cluster.IssuingCA().Crt}}, cluster.AcceptedCAs()...),
		aggregatorCA:          cluster.AggregatorCA(),
		acceptedAggregatorCAs: []*x509.PEMEncodedCertificate{{Crt: cluster.AggregatorCA().Crt}},

		bootstrapToken: bootstrapToken(cluster.Token()),

		serviceAccounts: serviceAccounts{
			key:          cluster.ServiceAccount(),
			acceptedKeys: []*x509.PEMEncodedKey{{Key: key.GetPublicKeyPEM()}},
			issuer:       endpoint,
			audiences:    []string{endpoint},
		},
		encryption: encryption{
			secretboxSecret: cluster.SecretboxEncryptionSecret(),
			aescbcSecret:    cluster.AESCBCEncryptionSecret(),
		},
		apiServer: kubeAPIServer{
			port:      cluster.LocalAPIServerPort(),
			certSANs:  cluster.CertSANs(),
			extraArgs: server.ExtraArgs(),
			defaults: arguments{
				"tls-min-version":   {"VersionTLS12"},
				"tls-cipher-suites": {strings.Join(cipherSuites, ",")},
			},
			policies: map[string]mergePolicy{"tls-cipher-suites": additive},
			authorizers: withDefaultAuthorizers(xslices.Map(server.AuthorizationConfig(), func(one talosconfig.AuthorizationConfigAuthorizer) authorizer {
				return authorizer{kind: one.Type(), name: one.Name(), webhook: one.Webhook()}
			})),
			admission: xslices.Map(server.AdmissionControl(), func(one talosconfig.AdmissionPlugin) admissionPlugin {
				return admissionPlugin{name: one.Name(), configuration: one.Configuration()}
			}),
			auditPolicy: server.AuditPolicy(),
		},
		etcd: etcdMember{
			ca:        cluster.Etcd().CA(),
			extraArgs: cluster.Etcd().ExtraArgs(),
		},
	}, nil
}

// cipherSuites are those that a node of this generation allows.
var cipherSuites = []string{
	"TLS_AES_128_GCM_SHA256",
	"TLS_AES_256_GCM_SHA384",
	"TLS_CHACHA20_POLY1305_SHA256",
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
	"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
	"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
	"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
}
