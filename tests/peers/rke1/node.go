package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/rancher/rke/cluster"
	"github.com/rancher/rke/pki"
	"sigs.k8s.io/yaml"
)

// deployNode writes the files of the first node. RKE names and fills them; a container of its own
// writes them.
func deployNode(ctx context.Context, of *cluster.Cluster, root string) error {
	config := of.RancherKubernetesEngineConfig
	policy, err := yaml.Marshal(of.Services.KubeAPI.AuditLog.Configuration.Policy)
	if err != nil {
		return err
	}
	files := map[string]string{
		cluster.DefaultKubeAPIArgAuditPolicyFileValue: string(policy),
		cluster.EncryptionProviderFilePath:            of.EncryptionConfig.EncryptionProviderFile,
	}
	for _, piece := range pki.GenerateRKENodeCerts(ctx, config, config.Nodes[0].Address, of.Certificates) {
		files[piece.Path] = piece.CertificatePEM
		files[piece.KeyPath] = piece.KeyPEM
		files[piece.ConfigPath] = piece.Config
	}
	for path, text := range files {
		if path == "" || text == "" {
			continue
		}
		file := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// plan is what RKE runs on the first node, by container: the arguments, and the environment.
func plan(ctx context.Context, folder string) (any, error) {
	of, _, err := open(ctx, folder, "")
	if err != nil {
		return nil, err
	}
	host := of.ControlPlaneHosts[0]
	options, err := of.GetKubernetesServicesOptions(host.OS(), nil)
	if err != nil {
		return nil, err
	}
	of.EtcdReadyHosts = of.EtcdHosts
	processes := map[string][]string{}
	for name, process := range cluster.BuildRKEConfigNodePlan(ctx, of, host, options).Processes {
		processes[name] = append(process.Command, process.Args...)
	}
	return processes, nil
}
