package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// This file follows internal/app/machined/pkg/controllers/k8s/control_plane_final.go
// of Talos (control_plane_static_pod.go up to 1.13), where the flags of
// kube-apiserver are put together.

// apiServerPolicies are the flags that extraArgs may not simply replace, in both
// generations. What is denied is what secrets and addresses hang on.
var apiServerPolicies = map[string]mergePolicy{
	"enable-admission-plugins": additive,
	"feature-gates":            additive,
	"authorization-mode":       additive,

	"etcd-servers":                     denied,
	"client-ca-file":                   denied,
	"requestheader-client-ca-file":     denied,
	"proxy-client-cert-file":           denied,
	"proxy-client-key-file":            denied,
	"encryption-provider-config":       denied,
	"etcd-cafile":                      denied,
	"etcd-certfile":                    denied,
	"etcd-keyfile":                     denied,
	"kubelet-client-certificate":       denied,
	"kubelet-client-key":               denied,
	"service-account-key-file":         denied,
	"service-account-signing-key-file": denied,
	"tls-cert-file":                    denied,
	"tls-private-key-file":             denied,
	"authorization-config":             denied,
}

// apiServerArguments gives the flags with the secrets and files of a node in
// folder.
func (c controlPlane) apiServerArguments(folder string) (arguments, error) {
	in := func(name string) []string { return []string{filepath.Join(folder, name)} }

	all := arguments{
		"admission-control-config-file":      in("admission-control-config.yaml"),
		"advertise-address":                  {"$(POD_IP)"},
		"allow-privileged":                   {"true"},
		"api-audiences":                      {strings.Join(c.serviceAccounts.audiences, ",")},
		"audit-log-maxage":                   {"30"},
		"audit-log-maxbackup":                {"10"},
		"audit-log-maxsize":                  {"100"},
		"audit-log-path":                     in("audit.log"),
		"audit-policy-file":                  in("auditpolicy.yaml"),
		"bind-address":                       {"0.0.0.0"},
		"client-ca-file":                     in("ca.crt"),
		"enable-admission-plugins":           {"NodeRestriction"},
		"enable-bootstrap-token-auth":        {"true"},
		"encryption-provider-config":         in("encryptionconfig.yaml"),
		"etcd-cafile":                        in("etcd-client-ca.crt"),
		"etcd-certfile":                      in("etcd-client.crt"),
		"etcd-keyfile":                       in("etcd-client.key"),
		"etcd-servers":                       {"https://127.0.0.1:2379"},
		"kubelet-client-certificate":         in("apiserver-kubelet-client.crt"),
		"kubelet-client-key":                 in("apiserver-kubelet-client.key"),
		"kubelet-preferred-address-types":    {"InternalIP,ExternalIP,Hostname"},
		"profiling":                          {"false"},
		"proxy-client-cert-file":             in("front-proxy-client.crt"),
		"proxy-client-key-file":              in("front-proxy-client.key"),
		"requestheader-allowed-names":        {"front-proxy-client"},
		"requestheader-client-ca-file":       in("aggregator-ca.crt"),
		"requestheader-extra-headers-prefix": {"X-Remote-Extra-"},
		"requestheader-group-headers":        {"X-Remote-Group"},
		"requestheader-username-headers":     {"X-Remote-User"},
		"secure-port":                        {strconv.Itoa(c.apiServer.port)},
		"service-account-issuer":             append([]string{c.serviceAccounts.issuer}, c.serviceAccounts.acceptedIssuers...),
		"service-account-key-file":           in("service-account.pub"),
		"service-account-signing-key-file":   in("service-account.key"),
		"service-cluster-ip-range":           {strings.Join(c.serviceCIDRs, ",")},
		"tls-cert-file":                      in("apiserver.crt"),
		"tls-private-key-file":               in("apiserver.key"),
	}

	maps.Copy(all, c.apiServer.defaults)

	if c.apiServer.authentication != nil {
		all["authentication-config"] = in("authentication-config.yaml")
	} else {
		all["anonymous-auth"] = []string{"false"}
	}

	if c.apiServer.authorizesByFlags() {
		all["authorization-mode"] = []string{"Node,RBAC"}
	} else {
		all["authorization-config"] = in("authorization-config.yaml")
	}

	policies := maps.Clone(apiServerPolicies)
	maps.Copy(policies, c.apiServer.policies)

	if err := all.merge(c.apiServer.extraArgs, policies); err != nil {
		return nil, err
	}

	return all, nil
}

// authorizesByFlags says whether extraArgs chose the older way to set authorizers.
func (a kubeAPIServer) authorizesByFlags() bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(a.extraArgs)), func(name string) bool {
		return name == "authorization-mode" || strings.HasPrefix(name, "authorization-webhook-")
	})
}

// apiServerFiles are the files that are neither certificates nor keys, by name.
func (c controlPlane) apiServerFiles() map[string]any {
	files := map[string]any{
		"encryptionconfig.yaml":         c.encryption.encryptionConfiguration(),
		"auditpolicy.yaml":              c.apiServer.auditPolicy,
		"admission-control-config.yaml": admissionConfiguration(c.apiServer.admission),
		"authorization-config.yaml":     authorizationConfiguration(c.apiServer.authorizers),
	}

	if c.apiServer.authentication != nil {
		authentication := maps.Clone(c.apiServer.authentication)
		authentication["apiVersion"] = "apiserver.config.k8s.io/v1beta1"
		authentication["kind"] = "AuthenticationConfiguration"
		files["authentication-config.yaml"] = authentication
	}

	return files
}

func admissionConfiguration(plugins []admissionPlugin) map[string]any {
	all := []any{}

	for _, plugin := range plugins {
		all = append(all, map[string]any{"name": plugin.name, "configuration": plugin.configuration})
	}

	return map[string]any{
		"apiVersion": "apiserver.config.k8s.io/v1",
		"kind":       "AdmissionConfiguration",
		"plugins":    all,
	}
}

func authorizationConfiguration(authorizers []authorizer) map[string]any {
	all := []any{}

	for _, one := range authorizers {
		entry := map[string]any{"type": one.kind, "name": one.name}
		if len(one.webhook) > 0 {
			entry["webhook"] = one.webhook
		}

		all = append(all, entry)
	}

	return map[string]any{
		"apiVersion":  "apiserver.config.k8s.io/v1",
		"kind":        "AuthorizationConfiguration",
		"authorizers": all,
	}
}
