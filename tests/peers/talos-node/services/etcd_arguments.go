package services

import (
	"context"

	"github.com/siderolabs/talos/pkg/machinery/resources/etcd"
)

// EtcdArguments are the flags that the service gives to etcd on the first control
// plane node of a new cluster. On others it asks the members of etcd for some of
// them (`--initial-cluster`, `--initial-cluster-state`).
func EtcdArguments(ctx context.Context, spec *etcd.SpecSpec) ([]string, error) {
	service := &Etcd{Bootstrap: true}

	err := service.argsForControlPlane(ctx, nil, spec)

	return service.args, err
}
