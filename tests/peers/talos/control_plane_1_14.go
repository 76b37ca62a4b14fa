//go:build !talos1.13

package main

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/siderolabs/gen/xslices"
	"github.com/siderolabs/talos/pkg/machinery/config"
	talosconfig "github.com/siderolabs/talos/pkg/machinery/config/config"
)

// readControlPlane asks a config of either generation: this library answers for
// the older fields, too. Without one of the documents a real node waits for ever
// and starts no control plane; here that is an error.
func readControlPlane(loaded config.Provider) (controlPlane, error) {
	var (
		cluster    = loaded.K8sClusterConfig()
		network    = loaded.K8sNetworkConfig()
		kubernetes = loaded.K8sAPIServerCAConfig()
		aggregator = loaded.K8sAggregatorCAConfig()
		accounts   = loaded.K8sServiceAccountConfig()
		server     = loaded.K8sAPIServerConfig()
	)

	// Each interface is compared where its type is known: a nil in an `any` is
	// not nil.
	err := errors.Join(
		present("cluster endpoint", cluster != nil),
		present("network", network != nil),
		present("Kubernetes CA", kubernetes != nil && kubernetes.IssuingCA() != nil),
		present("aggregator CA", aggregator != nil && aggregator.IssuingCA() != nil),
		present("service-account key", accounts != nil),
		present("kube-apiserver", server != nil),
		present("etcd CA", loaded.Cluster() != nil && loaded.Cluster().Etcd().CA() != nil),
	)
	if err != nil {
		return controlPlane{}, err
	}

	return controlPlane{
		endpoint:     cluster.ClusterEndpoint().String(),
		endpointHost: cluster.ClusterEndpoint().Hostname(),
		dnsDomain:    network.DNSDomain(),
		serviceCIDRs: xslices.Map(network.ServiceCIDRs(), netip.Prefix.String),

		kubernetesCA:          kubernetes.IssuingCA(),
		acceptedKubernetesCAs: kubernetes.AcceptedCAs(),
		aggregatorCA:          aggregator.IssuingCA(),
		acceptedAggregatorCAs: aggregator.AcceptedCAs(),

		bootstrapToken: bootstrapToken(loaded.Cluster().Token()),

		serviceAccounts: serviceAccounts{
			key:             accounts.IssuingKey(),
			acceptedKeys:    accounts.AcceptedKeys(),
			issuer:          accounts.IssuerURL(),
			acceptedIssuers: accounts.AcceptedIssuers(),
			audiences:       accounts.APIAudiences(),
		},
		encryption: readEncryption(loaded),
		apiServer:  readAPIServer(loaded, server),
		etcd: etcdMember{
			ca:        loaded.Cluster().Etcd().CA(),
			extraArgs: loaded.Cluster().Etcd().ExtraArgs(),
		},
	}, nil
}

func present(what string, is bool) error {
	if is {
		return nil
	}

	return fmt.Errorf("the config names no %s", what)
}

func readEncryption(loaded config.Provider) encryption {
	if document := loaded.K8sEtcdEncryptionConfig(); document != nil {
		return encryption{configuration: document.EtcdEncryptionConfig()}
	}

	return encryption{
		secretboxSecret: loaded.Cluster().SecretboxEncryptionSecret(),
		aescbcSecret:    loaded.Cluster().AESCBCEncryptionSecret(),
	}
}

func readAPIServer(loaded config.Provider, server talosconfig.K8sAPIServerConfig) kubeAPIServer {
	read := kubeAPIServer{
		port:      server.APIPort(),
		certSANs:  server.CertSANs(),
		extraArgs: server.ExtraArgs(),
		defaults:  arguments{"tls-min-version": {"VersionTLS13"}},
		policies: map[string]mergePolicy{
			"tls-min-version":       denied,
			"authentication-config": denied,
		},
		authorizers: xslices.Map(loaded.K8sAuthorizerConfigs(), func(one talosconfig.K8sAuthorizerConfig) authorizer {
			return authorizer{kind: one.Type(), name: one.Name(), webhook: one.Webhook()}
		}),
		admission: xslices.Map(loaded.K8sAdmissionControlPluginConfigs(), func(one talosconfig.K8sAdmissionControlPluginConfig) admissionPlugin {
			return admissionPlugin{name: one.Name(), configuration: one.Configuration()}
		}),
	}

	if server.InjectDefaultAuthorizers() {
		read.authorizers = withDefaultAuthorizers(read.authorizers)
	}

	if policy := loaded.K8sAuditPolicyConfig(); policy != nil {
		read.auditPolicy = policy.Configuration()
	}

	if server.UseAuthenticationConfig() {
		read.authentication = map[string]any{}

		if document := loaded.K8sAuthenticationConfig(); document != nil {
			read.authentication = document.Configuration()
		}
	}

	return read
}
