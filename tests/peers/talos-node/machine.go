package main

import (
	"context"
	"errors"
	"net/netip"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/siderolabs/talos/pkg/machinery/config"
	configresource "github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
	"github.com/siderolabs/talos/pkg/machinery/resources/time"
	"github.com/siderolabs/talos/pkg/machinery/resources/v1alpha1"
)

// machine is what is made up: what a node finds out about itself.
type machine struct {
	hostname  string
	addresses []netip.Addr
}

// describe puts into the state what controllers wait for: the config, and a
// machine whose network, clock and etcd are well.
func (m machine) describe(ctx context.Context, resources state.State, loaded config.Provider) error {
	hostname := network.NewHostnameStatus(network.NamespaceName, network.HostnameID)
	hostname.TypedSpec().Hostname = m.hostname

	status := network.NewStatus(network.NamespaceName, network.StatusID)
	status.TypedSpec().AddressReady = true
	status.TypedSpec().ConnectivityReady = true
	status.TypedSpec().HostnameReady = true
	status.TypedSpec().EtcFilesReady = true

	clock := time.NewStatus()
	clock.TypedSpec().Synced = true

	etcd := v1alpha1.NewService("etcd")
	etcd.TypedSpec().Running = true
	etcd.TypedSpec().Healthy = true

	kind := configresource.NewMachineType()
	kind.SetMachineType(loaded.Machine().Type())

	nodename := k8s.NewNodename(k8s.NamespaceName, k8s.NodenameID)
	nodename.TypedSpec().Nodename = m.hostname

	kubelet := k8s.NewNodeIP(k8s.NamespaceName, k8s.KubeletID)
	kubelet.TypedSpec().Addresses = m.addresses

	pods := k8s.NewStaticPodServerStatus(k8s.NamespaceName, k8s.StaticPodServerStatusResourceID)
	pods.TypedSpec().URL = "http://127.0.0.1:1"

	all := []resource.Resource{
		configresource.NewMachineConfig(loaded), kind, hostname, status, clock, etcd, nodename, kubelet, pods,
	}

	for _, id := range []resource.ID{
		network.NodeAddressRoutedID, network.NodeAddressCurrentID, network.NodeAddressAccumulativeID,
	} {
		all = append(all, m.nodeAddress(network.FilteredNodeAddressID(id, k8s.NodeAddressFilterNoK8s)))
	}

	var problems []error
	for _, one := range all {
		problems = append(problems, resources.Create(ctx, one))
	}

	return errors.Join(problems...)
}

func (m machine) nodeAddress(id resource.ID) *network.NodeAddress {
	address := network.NewNodeAddress(network.NamespaceName, id)

	for _, one := range m.addresses {
		address.TypedSpec().Addresses = append(address.TypedSpec().Addresses, netip.PrefixFrom(one, one.BitLen()))
	}

	return address
}
