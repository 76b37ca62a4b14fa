// Command kops-peer makes the state store of a cluster with kops's own code, and says how that code
// reads one.
//
// The command line of kops cannot be required as a Go module, but the models that say which keysets a
// cluster has, the tasks that make them and the store that keeps them can be.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/kops/pkg/apis/kops"
	"k8s.io/kops/upup/pkg/fi"
	"k8s.io/kops/util/pkg/vfs"
)

const usage = `usage: kops-peer COMMAND STORE

  make STORE     write the keysets of a new cluster into the folder STORE/pki
  rotate STORE   rotate each keyset there, as "kops create keypair", "promote
                 keypair" and "distrust keypair" do, and add to each a generation
                 that is not primary yet
  read STORE     print what kops reads there: a JSON object with every keyset

exit status: 0 done, 1 failed, 2 wrong usage
`

var errUsage = errors.New("wrong usage")

func main() {
	err := run(context.Background(), os.Args[1:])
	if err == nil {
		return
	}
	fmt.Fprintf(os.Stderr, "kops-peer: %v\n", err)
	if errors.Is(err, errUsage) {
		fmt.Fprint(os.Stderr, "\n", usage)
		os.Exit(2)
	}
	os.Exit(1)
}

func run(ctx context.Context, arguments []string) error {
	if len(arguments) != 2 {
		return fmt.Errorf("%w: a command and a store", errUsage)
	}
	path, err := filepath.Abs(arguments[1])
	if err != nil {
		return err
	}
	folder := vfs.NewFSPath(path)
	cluster := newCluster(folder)
	store := fi.NewVFSCAStore(cluster, folder.Join("pki"))
	switch arguments[0] {
	case "make":
		return makeKeysets(ctx, cluster, store)
	case "rotate":
		return rotateKeysets(ctx, store)
	case "read":
		keysets, err := readKeysets(store)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(keysets)
	}
	return fmt.Errorf("%w: no such command: %s", errUsage, arguments[0])
}

// newCluster is a cluster with the two etcds of kops. It has no members, which are machines of a
// cloud; the keysets do not depend on them.
func newCluster(folder vfs.Path) *kops.Cluster {
	cluster := &kops.Cluster{}
	cluster.Name = "kube.example.org"
	cluster.Spec.ConfigStore = kops.ConfigStoreSpec{
		Base:     folder.Path(),
		Keypairs: folder.Join("pki").Path(),
		Secrets:  folder.Join("secrets").Path(),
	}
	for _, name := range []string{"main", "events"} {
		cluster.Spec.EtcdClusters = append(cluster.Spec.EtcdClusters, kops.EtcdClusterSpec{
			Name:    name,
			Backups: &kops.EtcdBackupSpec{BackupStore: folder.Join("backups", "etcd", name).Path()},
		})
	}
	return cluster
}
