package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
)

// etcdArguments gives the flags of etcd on a node that is to join. It follows
// internal/app/machined/pkg/system/services/etcd.go of Talos, but for
// --initial-cluster: that names the members there are, which a node asks etcd for.
func (c controlPlane) etcdArguments(on node, folder string) (arguments, error) {
	in := func(name string) []string { return []string{filepath.Join(folder, name)} }

	all := arguments{
		"name":                  {on.hostname},
		"data-dir":              in("data"),
		"listen-peer-urls":      {"https://0.0.0.0:2380"},
		"listen-client-urls":    {"https://0.0.0.0:2379"},
		"client-cert-auth":      {"true"},
		"auto-tls":              {"false"},
		"peer-auto-tls":         {"false"},
		"cert-file":             in("server.crt"),
		"key-file":              in("server.key"),
		"trusted-ca-file":       in("ca.crt"),
		"peer-client-cert-auth": {"true"},
		"peer-cert-file":        in("peer.crt"),
		"peer-key-file":         in("peer.key"),
		"peer-trusted-ca-file":  in("ca.crt"),
	}

	policies := map[string]mergePolicy{}
	for _, name := range slices.Collect(maps.Keys(all)) {
		policies[name] = denied
	}

	primary := on.addresses[0].String()
	all["advertise-client-urls"] = []string{fmt.Sprintf("https://%s:2379", primary)}
	all["initial-advertise-peer-urls"] = []string{fmt.Sprintf("https://%s:2380", primary)}
	all["initial-cluster-state"] = []string{"existing"}

	if err := all.merge(c.etcd.extraArgs, policies); err != nil {
		return nil, fmt.Errorf("etcd: %w", err)
	}

	return all, nil
}
