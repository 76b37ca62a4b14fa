# fixtures/kubeadm: what the real kubeadm leaves in /etc/kubernetes on a first
# control plane node called cp-1. Read by scripts/fixtures.
#
# The PKI and the kubeconfigs come from the same phases as in `kubeadm init`,
# with the folder given by certificatesDir and --kubeconfig-dir. kubeadm writes
# manifests in no folder but /etc/kubernetes/manifests, except in a dry run,
# which takes the folder from KUBEADM_INIT_DRYRUN_DIR; that keeps the paths
# inside them as on a real node.

make_kubeadm_variants() {
    use_kubeadm
    variants=$scratch/kubeadm
    local kind
    for kind in rsa-2048 rsa-4096 ecdsa-p256 ecdsa-p384; do
        kubeadm_variant "$kind" "${kind^^}"
    done
    variant_with_external_etcd
    variant_with_external_ca
    rm -rf "$fixtures/kubeadm"
    mv "$variants" "$fixtures/kubeadm"
}

# use_kubeadm: sets $kubeadm to the program, building it if need be.
use_kubeadm() {
    if [ -z "${kubeadm-}" ]; then
        kubeadm=$("$root/scripts/peer-tools" kubeadm)
    fi
}

# kubeadm_variant NAME ALGORITHM
kubeadm_variant() {
    local folder=$variants/$1
    export ENCRYPTION_ALGORITHM=$2
    mkdir -p "$folder"
    kubeadm_pki "$folder"
    kubeadm_kubeconfigs "$folder"
    kubeadm_manifests "$folder" local_etcd
    kubeadm_phase "$scratch/config.yaml" etcd local --dry-run
    mv "$scratch/dry-run/etcd.yaml" "$folder/manifests/"
}

# kubeadm's way to use an etcd that it does not run: the CA certificate and a
# client certificate of that etcd are copied to the control plane node; the key
# of that CA stays elsewhere.
variant_with_external_etcd() {
    local folder=$variants/external-etcd elsewhere=$scratch/etcd-node
    export ENCRYPTION_ALGORITHM=ECDSA-P256
    mkdir -p "$folder/pki/etcd" "$elsewhere/pki"
    kubeadm_config "$elsewhere/pki" local_etcd >"$scratch/config.yaml"
    kubeadm_phase "$scratch/config.yaml" certs etcd-ca
    kubeadm_phase "$scratch/config.yaml" certs apiserver-etcd-client
    cp "$elsewhere/pki/etcd/ca.crt" "$folder/pki/etcd/"
    cp "$elsewhere/pki"/apiserver-etcd-client.* "$folder/pki/"

    kubeadm_config "$folder/pki" external_etcd >"$scratch/config.yaml"
    kubeadm_phase "$scratch/config.yaml" certs all
    kubeadm_kubeconfigs "$folder"
    kubeadm_manifests "$folder" external_etcd
}

# kubeadm's external CA mode: everything is signed and the key is taken away.
variant_with_external_ca() {
    kubeadm_variant external-ca ECDSA-P256
    rm "$variants/external-ca/pki/ca.key"
}

# kubeadm_pki FOLDER: what is missing in FOLDER/pki; kubeadm keeps what is there.
kubeadm_pki() {
    kubeadm_config "$1/pki" local_etcd >"$scratch/config.yaml"
    kubeadm_phase "$scratch/config.yaml" certs all
}

# kubeadm_kubeconfigs FOLDER: by the configuration that made the PKI.
kubeadm_kubeconfigs() {
    kubeadm_phase "$scratch/config.yaml" kubeconfig all --kubeconfig-dir "$1"
}

# kubeadm_manifests FOLDER ETCD
kubeadm_manifests() {
    kubeadm_config /etc/kubernetes/pki "$2" >"$scratch/config.yaml"
    rm -rf "$scratch/dry-run"
    mkdir -p "$1/manifests" "$scratch/dry-run"
    kubeadm_phase "$scratch/config.yaml" control-plane all --dry-run
    mv "$scratch/dry-run"/kube-*.yaml "$1/manifests/"
}

# kubeadm_phase CONFIG PHASE... : what it says is shown if it fails.
kubeadm_phase() {
    local config=$1
    shift
    KUBEADM_INIT_DRYRUN_DIR=$scratch/dry-run "$kubeadm" init phase "$@" --config "$config" \
        >"$scratch/kubeadm.log" 2>&1 || {
        cat "$scratch/kubeadm.log" >&2
        fail "kubeadm init phase $* failed"
    }
}

# kubeadm_config CERTIFICATES_DIR ETCD
kubeadm_config() {
    cat <<YAML
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: 192.0.2.10
nodeRegistration:
  name: cp-1
  # Without it kubeadm asks the machine it runs on.
  criSocket: unix:///run/containerd/containerd.sock
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
# Without it kubeadm asks the internet.
kubernetesVersion: v1.36.3
controlPlaneEndpoint: kube.example.org:6443
encryptionAlgorithm: $ENCRYPTION_ALGORITHM
certificatesDir: $1
YAML
    if [ "$2" = external_etcd ]; then
        cat <<'YAML'
etcd:
  external:
    endpoints:
    - https://192.0.2.20:2379
    caFile: /etc/kubernetes/pki/etcd/ca.crt
    certFile: /etc/kubernetes/pki/apiserver-etcd-client.crt
    keyFile: /etc/kubernetes/pki/apiserver-etcd-client.key
YAML
    fi
}
