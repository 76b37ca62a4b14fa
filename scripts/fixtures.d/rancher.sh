# fixtures/layouts of k3s, RKE2 and RKE1, as layouts.sh makes the others. Read by
# scripts/fixtures.

# ---- k3s and RKE2 ----------------------------------------------------------

# rancher NAME: the server folder, which becomes the current folder.
rancher() {
    local kind=prime256v1 ca name
    mkdir -p "var/lib/rancher/$1/server/tls" "var/lib/rancher/$1/server/cred"
    cd "var/lib/rancher/$1/server/tls"
    for ca in server client request-header; do
        root "$kind" "$ca-ca.crt" "$ca-ca.key" "/CN=$1-$ca-ca@1764000000" 3650 0
    done
    for ca in server peer; do
        root "$kind" "etcd/$ca-ca.crt" "etcd/$ca-ca.key" "/CN=etcd-$ca-ca@1764000000" 3650 0
    done
    new_key rsa-2048 service.key
    cp service.key service.current.key
    rancher_leaves "$1"
    for name in admin supervisor controller scheduler api-server cloud-controller; do
        layout_kubeconfig "../cred/$name.kubeconfig" https://127.0.0.1:6443
    done
    cd ..
    echo 'K10protectsnothing::server:protectsnothing' >token
}

# rancher_leaves NAME: what the CAs sign. The first certificate and the first key
# of a CA's files are its own, also after a rotation. The certificates of kubelets
# are on agents.
rancher_leaves() {
    local kind=prime256v1 name
    rancher_leaf server-ca k3s_apiserver serving-kube-apiserver /CN=kube-apiserver
    rancher_leaf client-ca rancher_client client-kube-apiserver /O=system:masters/CN=system:apiserver
    rancher_leaf client-ca rancher_client client-admin /O=system:masters/CN=system:admin
    rancher_leaf client-ca rancher_client client-supervisor "/O=system:masters/CN=system:$1-supervisor"
    rancher_leaf client-ca rancher_client client-controller /CN=system:kube-controller-manager
    rancher_leaf client-ca rancher_client client-scheduler /CN=system:kube-scheduler
    rancher_leaf client-ca rancher_client client-kube-proxy /CN=system:kube-proxy
    rancher_leaf client-ca rancher_client "client-$1-controller" "/CN=system:$1-controller"
    rancher_leaf client-ca rancher_client "client-$1-cloud-controller" "/CN=$1-cloud-controller-manager"
    rancher_leaf request-header-ca rancher_client client-auth-proxy /CN=system:auth-proxy
    rancher_leaf etcd/server-ca rancher_client etcd/client /CN=etcd-client
    rancher_leaf etcd/server-ca k3s_etcd etcd/server-client /CN=etcd-server
    rancher_leaf etcd/peer-ca k3s_etcd etcd/peer-server-client /CN=etcd-peer
    for name in client server; do
        openssl x509 -in "$name-ca.crt" -out "$name-ca.nochain.crt"
    done
    for name in client serving; do
        new_key "$kind" "$name-kubelet.key"
    done
}

# rancher_leaf CA FORM NAME SUBJECT: with all that the CA's file has behind it.
rancher_leaf() {
    leaf_of "$@"
    cat "$1.crt" >>"$3.crt"
}

encryption_json() {
    printf '{"kind":"EncryptionConfiguration","apiVersion":"apiserver.config.k8s.io/v1",'
    printf '"resources":[{"resources":["secrets"],"providers":[{"aescbc":{"keys":[{"name":'
    printf '"aescbckey","secret":"%s"}]}},{"identity":{}}]}]}' "$nothing"
}

layout_k3s() {
    rancher k3s
    mkdir db
    echo 'SQLite format 3' >db/state.db
}

layout_rke2() {
    rancher rke2
    encryption_json >cred/encryption-config.json
    mkdir -p db/etcd/member/wal
    echo wal >db/etcd/member/wal/0.wal
}

# After `k3s certificate rotate-ca` with what the published script makes: a CA
# below a new root, the root, the root as the old CA signed it, and the old CA;
# the keys of the first two. The new service-account key stands before the old.
layout_k3s_rotated() {
    rancher k3s
    encryption_json >cred/encryption-config.json
    mkdir -p db/etcd/member/wal
    echo wal >db/etcd/member/wal/0.wal
    cd tls
    local ca
    for ca in server-ca client-ca request-header-ca etcd/server-ca etcd/peer-ca; do
        rotate "$ca"
    done
    new_key rsa-2048 "$scratch/service.key"
    cat "$scratch/service.key" service.key >"$scratch/both"
    cp "$scratch/service.key" service.current.key
    cat "$scratch/both" >service.key
    rancher_leaves k3s
    cd ..
}

# rotate CA: each has a root of its own. All are for twenty years.
rotate() {
    local ca=$1 name=${1//\//-}
    local root_name=/CN=k3s-${name%-ca}-root@1764100000
    root prime256v1 "$scratch/root.crt" "$scratch/root.key" "$root_name" 7300 "$RANDOM" ca_of_rotation
    cp "$ca.crt" "$scratch/old.crt"
    cp "$ca.key" "$scratch/old.key"
    issue ca_of_rotation "$scratch/root.key" "$root_name" "$scratch/cross.crt" \
        -cert "$scratch/old.crt" -keyfile "$scratch/old.key" -days 7300
    new_key prime256v1 "$ca.key"
    issue ca_of_rotation "$ca.key" "/CN=k3s-$name@1764100000" "$scratch/new.crt" \
        -cert "$scratch/root.crt" -keyfile "$scratch/root.key" -days 7300
    cat "$scratch/new.crt" "$scratch/root.crt" "$scratch/cross.crt" "$scratch/old.crt" >"$ca.crt"
    cat "$scratch/root.key" >>"$ca.key"
}

# ---- RKE1 ------------------------------------------------------------------

# What RKE deploys on a node with all roles: one CA for Kubernetes and etcd, serial
# 0 as in its Go code. The admin's certificate stays where RKE is run. Of a new
# cluster, tokens are signed with the API server's own key and certificate, under
# another name.
layout_rke1() {
    local ca=kube-ca name
    mkdir -p etc/kubernetes/ssl && cd etc/kubernetes/ssl
    root rsa-2048 kube-ca.pem kube-ca-key.pem /CN=kube-ca 3650 0
    rke_leaf rke_server kube-apiserver /CN=kube-apiserver
    cp kube-apiserver.pem kube-service-account-token.pem
    cp kube-apiserver-key.pem kube-service-account-token-key.pem
    rke_leaf rancher_client kube-node /O=system:nodes/CN=system:node
    for name in kube-controller-manager kube-proxy kube-scheduler; do
        rke_leaf rancher_client "$name" "/CN=system:$name"
    done
    rke_leaf rke_server kube-etcd-192-0-2-10 /CN=kube-etcd
    ca=kube-apiserver-requestheader-ca
    root rsa-2048 "$ca.pem" "$ca-key.pem" "/CN=$ca" 3650 0
    rke_leaf rke_both kube-apiserver-proxy-client /CN=kube-apiserver-proxy-client
    for name in kube-{apiserver-proxy-client,apiserver-requestheader-ca,controller-manager} \
        kube-{node,proxy,scheduler}; do
        rke_kubeconfig "$name" >"kubecfg-$name.yaml"
    done
    cat >encryption.yaml <<YAML
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources:
  - secrets
  providers:
  - identity: {}
  - aescbc:
      keys:
      - name: k-xyzzy
        secret: $nothing
YAML
}

# Everything that RKE issues is for ten years.
rke_leaf() {
    layout_key rsa-2048 "$2-key.pem"
    issue "$1" "$2-key.pem" "$3" "$2.pem" -cert "$ca.pem" -keyfile "$ca-key.pem" \
        -startdate "$(start_of_validity)" -enddate "$(time_of now + 10 years - 2 days)"
}

# rke_kubeconfig NAME: RKE writes one for every certificate but those of the CA,
# the API server, etcd and tokens.
rke_kubeconfig() {
    cat <<YAML
apiVersion: v1
kind: Config
clusters:
- cluster:
    api-version: v1
    certificate-authority: /etc/kubernetes/ssl/kube-ca.pem
    server: "https://127.0.0.1:6443"
  name: "local"
contexts:
- context:
    cluster: "local"
    user: "$1-local"
  name: "local"
current-context: "local"
users:
- name: "$1-local"
  user:
    client-certificate: /etc/kubernetes/ssl/$1.pem
    client-key: /etc/kubernetes/ssl/$1-key.pem
YAML
}
