package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/rancher/rke/cluster"
	"github.com/rancher/rke/pki"
	v3 "github.com/rancher/rke/types"
)

// makeState follows "rke up" (cmd/up.go), which is no library, as far as nodes need not answer.
func makeState(ctx context.Context, folder string) (any, error) {
	of, flags, err := open(ctx, folder, "")
	if err != nil {
		return nil, err
	}
	state, err := cluster.RebuildState(ctx, of, &cluster.FullState{}, flags)
	if err != nil {
		return nil, err
	}
	of.Certificates = pki.TransformPEMToObject(state.DesiredState.CertificatesBundle)
	return nil, deploy(ctx, of, state, folder)
}

// rotateState follows "rke cert rotate --rotate-ca" (cmd/cert.go) in the same way.
func rotateState(ctx context.Context, folder string) (any, error) {
	state, err := cluster.ReadStateFile(ctx, stateFile(folder))
	if err != nil {
		return nil, err
	}
	of, flags, err := open(ctx, folder, state.CurrentState.EncryptionConfig)
	if err != nil {
		return nil, err
	}
	of.Certificates = state.CurrentState.CertificatesBundle
	of.RotateCertificates = &v3.RotateCertificates{CACertificates: true}
	if err := cluster.RotateRKECertificates(ctx, of, flags, state); err != nil {
		return nil, err
	}
	of.RotateCertificates = nil
	return nil, deploy(ctx, of, state, folder)
}

// open is the cluster of FOLDER/cluster.yml.
func open(ctx context.Context, folder, encryption string) (*cluster.Cluster, cluster.ExternalFlags, error) {
	path := filepath.Join(folder, pki.ClusterConfig)
	flags := cluster.GetExternalFlags(false, false, false, false, "", path)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, flags, err
	}
	config, err := cluster.ParseConfig(string(text))
	if err != nil {
		return nil, flags, err
	}
	of, err := cluster.InitClusterObject(ctx, config, flags, encryption)
	return of, flags, err
}

// deploy puts on the first node what belongs there, and then says in the state that it is there.
func deploy(ctx context.Context, of *cluster.Cluster, state *cluster.FullState, folder string) error {
	if err := deployNode(ctx, of, filepath.Join(folder, "node")); err != nil {
		return err
	}
	return of.UpdateClusterCurrentState(ctx, state)
}

// stateFile is where RKE keeps the state of FOLDER/cluster.yml.
func stateFile(folder string) string {
	return cluster.GetStateFilePath(filepath.Join(folder, pki.ClusterConfig), "")
}
