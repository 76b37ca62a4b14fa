package main

import (
	"net"
	"path/filepath"
	"time"

	"k8s.io/minikube/pkg/util"
)

// makeMinikube makes what pkg/minikube/bootstrapper/certs.go in minikube lets the same functions make.
func makeMinikube(folder string) error {
	path := func(name string) string { return filepath.Join(folder, name) }
	for file, name := range map[string]string{"ca": "minikubeCA", "proxy-client-ca": "proxyClientCA"} {
		if err := util.GenerateCACert(path(file+".crt"), path(file+".key"), name); err != nil {
			return err
		}
	}
	// What minikube has as its default for --cert-expiration.
	expiration := 26280 * time.Hour
	names := append([]string{"minikubeCA", "control-plane.minikube.internal", "minikube"}, util.AlternateDNS("cluster.local")...)
	addresses := []net.IP{net.ParseIP("10.96.0.1"), net.ParseIP("127.0.0.1"), net.ParseIP("10.0.0.1"), net.ParseIP("192.0.2.10")}
	if err := util.GenerateSignedCert(
		path("apiserver.crt"), path("apiserver.key"), "minikube", addresses, names,
		path("ca.crt"), path("ca.key"), expiration,
	); err != nil {
		return err
	}
	return util.GenerateSignedCert(
		path("proxy-client.crt"), path("proxy-client.key"), "aggregator", nil, nil,
		path("proxy-client-ca.crt"), path("proxy-client-ca.key"), expiration,
	)
}
