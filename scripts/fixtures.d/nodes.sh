# fixtures/nodes: further nodes of clusters that are in fixtures/kubeadm and
# fixtures/layouts: the same CAs, and leaves of their own. Read by
# scripts/fixtures.
#
# A recipe is a function called node_NAME, with _ for each - of the folder's
# name; it runs in a copy of the first node.

declare -A first_of=([kubeadm-cp-2]=kubeadm/ecdsa-p256 [kubeadm-cp-3]=kubeadm/ecdsa-p256
    [k0s-controller-2]=layouts/k0s)

make_nodes() {
    local names=("$@") name made
    if [ ${#names[@]} -eq 0 ]; then
        names=("${!first_of[@]}")
    fi
    for name in "${names[@]}"; do
        made=$scratch/nodes/$name
        mkdir -p "$scratch/nodes"
        cp -R "$fixtures/${first_of[$name]}" "$made"
        (
            log_of="nodes/$name"
            cd "$made"
            "node_${name//-/_}"
        ) >>"$scratch/log" 2>&1
        mkdir -p "$fixtures/nodes"
        rm -rf "${fixtures:?}/nodes/$name"
        mv "$made" "$fixtures/nodes/$name"
    done
}

# kubeadm_node NAME ADDRESS: what `kubeadm join --control-plane` makes anew.
kubeadm_node() {
    local leaf
    for leaf in "${kubernetes_leaves[@]}" "${etcd_leaves[@]}" "${aggregator_leaves[@]}"; do
        new_key prime256v1 "pki/$leaf.key"
    done
    for leaf in "${kubernetes_leaves[@]}"; do sign_leaf "$leaf" pki/ca; done
    for leaf in "${aggregator_leaves[@]}"; do sign_leaf "$leaf" pki/front-proxy-ca; done
    for leaf in apiserver-etcd-client etcd/healthcheck-client; do sign_leaf "$leaf" pki/etcd/ca; done
    for leaf in etcd/server etcd/peer; do sign_leaf "$leaf" pki/etcd/ca --subject "/CN=$1"; done
    for leaf in "${kubernetes_kubeconfigs[@]}"; do
        new_key prime256v1 "$scratch/node.key"
        into_kubeconfig "$leaf" client-key-data "$scratch/node.key"
        sign_kubeconfig "$leaf" pki/ca
    done
    sign_kubeconfig kubelet pki/ca --subject "/O=system:nodes/CN=system:node:$1"
    sed -i "s/192\.0\.2\.10\b/$2/g; s/\bcp-1\b/$1/g" manifests/*.yaml
}

node_kubeadm_cp_2() {
    kubeadm_node cp-2 192.0.2.11
}

# A node on which the Kubernetes CA was renewed over its key.
node_kubeadm_cp_3() {
    kubeadm_node cp-3 192.0.2.12
    self_signed pki/ca -enddate "$(time_of now + 20 years)"
    trust_in_kubeconfigs pki/ca.crt
}

# k0s copies the CAs and sa.key to a controller that joins, but not the
# aggregator CA.
node_k0s_controller_2() {
    local kind=rsa-2048
    cd var/lib/k0s/pki
    k0s_ca front-proxy-ca kubernetes-front-proxy-ca
    k0s_leaves 192.0.2.11
}
