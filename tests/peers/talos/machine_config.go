package main

import (
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
)

// cluster is what a machine config says besides the secrets, under the names of
// the flags of "talosctl gen config".
type cluster struct {
	name              string
	endpoint          string
	kubernetesVersion string
	dnsDomain         string
	installDisk       string
	installImage      string
	additionalSANs    []string
	discovery         bool
	kubeSpan          bool
}

// defaultCluster has talosctl's defaults where talosctl has any. The version of
// Kubernetes is one that both versions of the library support.
func defaultCluster() cluster {
	return cluster{
		name:              "prod",
		endpoint:          "https://10.0.0.1:6443",
		kubernetesVersion: "1.34.1",
		dnsDomain:         "cluster.local",
		installDisk:       "/dev/sda",
		discovery:         true,
	}
}

// machineConfig gives the text of a machine config, as "talosctl gen config
// --with-docs=false --with-examples=false" writes it.
func machineConfig(bundle *secrets.Bundle, contract *config.VersionContract, machineType machine.Type, of cluster) ([]byte, error) {
	generated, err := generatedConfig(bundle, contract, machineType, of)
	if err != nil {
		return nil, err
	}

	return generated.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))
}

// generatedConfig gives a machine config as "talosctl gen config" has it before
// patches are applied: nothing of it went through text.
func generatedConfig(bundle *secrets.Bundle, contract *config.VersionContract, machineType machine.Type, of cluster) (config.Provider, error) {
	options := []generate.Option{
		generate.WithVersionContract(contract),
		generate.WithSecretsBundle(bundle),
		generate.WithInstallDisk(of.installDisk),
		generate.WithInstallImage(of.installImage),
		generate.WithAdditionalSubjectAltNames(of.additionalSANs),
		generate.WithDNSDomain(of.dnsDomain),
		generate.WithClusterDiscovery(of.discovery),
	}

	if of.kubeSpan {
		options = append(options, generate.WithKubeSpanEnabled(true))
	}

	input, err := generate.NewInput(of.name, of.endpoint, of.kubernetesVersion, options...)
	if err != nil {
		return nil, err
	}

	return input.Config(machineType)
}
