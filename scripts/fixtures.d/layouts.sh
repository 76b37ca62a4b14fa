# fixtures/layouts: one tree for each distribution, with its own paths, names,
# encodings and subjects. Read by scripts/fixtures.
#
# A recipe is a function called layout_NAME, with _ for each - of the folder's
# name; it runs in an empty folder. The commands are openssl's, as the
# distribution documents or runs them, in our own words.

layouts=(kind cluster-api minikube kubespray kubespray-without-etcd-key k0s k3s k3s-rotated rke2 rke1
    microk8s kops hard-way k8s-snap charmed openshift)

make_layouts() {
    local names=("$@") name made
    if [ ${#names[@]} -eq 0 ]; then
        names=("${layouts[@]}")
    fi
    for name in "${names[@]}"; do
        made=$scratch/layouts/$name
        mkdir -p "$made"
        (
            log_of="layouts/$name"
            cd "$made"
            "layout_${name//-/_}"
        ) >>"$scratch/log" 2>&1
        mkdir -p "$fixtures/layouts"
        rm -rf "${fixtures:?}/layouts/$name"
        mv "$made" "$fixtures/layouts/$name"
    done
}

# root KIND CERTIFICATE KEY SUBJECT [DAYS [SERIAL [FORM]]]: a new key and its
# self-signed certificate. A KIND with a leading pkcs8: is written by a plain
# `openssl genrsa`, which is PKCS#8 since OpenSSL 3.
root() {
    mkdir -p "$(dirname "$2")"
    layout_key "$1" "$3"
    root_over "$@"
}

# root_over: the same over a key that is there.
root_over() {
    openssl req -x509 -new -config "$helpers/openssl.cnf" -extensions "${7-ca_without_names}" \
        -key "$3" -subj "$4" -days "${5-3650}" -set_serial "${6-$RANDOM}" -out "$2"
}

layout_key() {
    mkdir -p "$(dirname "$2")"
    case $1 in
        pkcs8:*) openssl genrsa -out "$2" "${1#pkcs8:rsa-}" && chmod 600 "$2" ;;
        *) new_key "$1" "$2" ;;
    esac
}

# leaf FORM KIND CA CA_KEY CERTIFICATE KEY SUBJECT: signed for a year.
leaf() {
    layout_key "$2" "$6"
    issue "$1" "$6" "$7" "$5" -cert "$3" -keyfile "$4" \
        -startdate "$(start_of_validity)" -enddate "$(time_of now + 1 year)"
}

# leaf_of CA FORM NAME SUBJECT: NAME.crt and NAME.key by CA.crt and CA.key, all
# of the kind $kind.
leaf_of() {
    leaf "$2" "$kind" "$1.crt" "$1.key" "$3.crt" "$3.key" "$4"
}

# kubeadm_like CN_OF_CA CN_OF_ETCD_CA CN_OF_AGGREGATOR_CA: the PKI of kubeadm
# with other names, in the current folder.
kubeadm_like() {
    CA_NAME=$1 root "$kind" ca.crt ca.key "/CN=$1" 3650 0 ca_like_kubeadm
    CA_NAME=$3 root "$kind" front-proxy-ca.crt front-proxy-ca.key "/CN=$3" 3650 0 ca_like_kubeadm
    if [ -n "$2" ]; then
        CA_NAME=$2 root "$kind" etcd/ca.crt etcd/ca.key "/CN=$2" 3650 0 ca_like_kubeadm
        leaf_of etcd/ca etcd etcd/server /CN=cp-1
        leaf_of etcd/ca etcd etcd/peer /CN=cp-1
    fi
    service_account_pair sa.key sa.pub
}

# service_account_pair KEY PUBLIC
service_account_pair() {
    new_key rsa-2048 "$1"
    openssl rsa -in "$1" -pubout -out "$2"
}

# layout_kubeconfig FILE SERVER [CA CLIENT]: as a component has it.
layout_kubeconfig() {
    mkdir -p "$(dirname "$1")"
    {
        printf 'apiVersion: v1\nkind: Config\nclusters:\n- name: local\n  cluster:\n'
        printf '    server: %s\n' "$2"
        [ $# -lt 3 ] || printf '    certificate-authority-data: %s\n' "$(base64 -w 0 "$3.crt")"
        printf 'users:\n- name: user\n  user:\n'
        if [ $# -lt 4 ]; then
            printf '    client-certificate: client.crt\n'
        else
            printf '    client-certificate-data: %s\n' "$(base64 -w 0 "$4.crt")"
            printf '    client-key-data: %s\n' "$(base64 -w 0 "$4.key")"
        fi
        printf 'contexts:\n- name: local\n  context:\n    cluster: local\n    user: user\n'
        printf 'current-context: local\n'
    } >"$1"
    chmod 600 "$1"
}

# A key for encryption at rest that protects nothing.
nothing=cHJvdGVjdHMgbm90aGluZyBwcm90ZWN0cyBub3RoaW4=

# encryption_yaml PROVIDER KEY_NAME: secrets are written by the provider.
encryption_yaml() {
    cat <<YAML
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - $1:
      keys:
      - name: $2
        secret: $nothing
  - identity: {}
YAML
}

# ---- kubeadm and its kin ---------------------------------------------------

layout_kind() {
    cp -R "$fixtures/kubeadm/rsa-2048/." .
    sed -i 's|server: .*|server: https://kind-control-plane:6443|' ./*.conf
}

# Cluster API makes the CAs, all three from one template, and kubeadm on the
# node what they sign.
layout_cluster_api() {
    local name
    cp -R "$fixtures/kubeadm/rsa-2048/." .
    for name in "${cas[@]}"; do
        root rsa-2048 "pki/$name.crt" "pki/$name.key" /CN=kubernetes 3650 0 ca_of_cluster_api
    done
    service_account_pair pki/sa.key pki/sa.pub
    sign_for_kubernetes pki/ca
    sign_for_etcd pki/etcd/ca
    sign_for_aggregator pki/front-proxy-ca
    trust_in_kubeconfigs pki/ca.crt
}

# minikube makes `ca` and `proxy-client-ca`, which its profiles share, and what
# they sign; kubeadm makes the rest. Nothing uses `proxy-client-ca`.
layout_minikube() {
    local kind=rsa-2048
    mkdir -p var/lib/minikube/certs && cd var/lib/minikube/certs
    kubeadm_like minikubeCA etcd-ca front-proxy-ca
    root "$kind" ca.crt ca.key /CN=minikubeCA 3650 1 ca_of_minikube
    root "$kind" proxy-client-ca.crt proxy-client-ca.key /CN=proxyClientCA 3650 1 ca_of_minikube
    minikube_leaf ca minikube_apiserver apiserver minikube
    leaf_of ca client apiserver-kubelet-client \
        /O=kubeadm:cluster-admins/CN=kube-apiserver-kubelet-client
    leaf_of etcd/ca client apiserver-etcd-client /CN=kube-apiserver-etcd-client
    leaf_of front-proxy-ca client front-proxy-client /CN=front-proxy-client
    leaf_of etcd/ca client etcd/healthcheck-client /CN=kube-etcd-healthcheck-client
    minikube_leaf proxy-client-ca minikube_client proxy-client aggregator
}

# minikube_leaf CA FORM NAME CN: all have one number, and three years.
minikube_leaf() {
    layout_key "$kind" "$3.key"
    openssl req -x509 -new -config "$helpers/openssl.cnf" -extensions "$2" -key "$3.key" \
        -CA "$1.crt" -CAkey "$1.key" -subj "/O=system:masters/CN=$4" -days 1095 -set_serial 2 -out "$3.crt"
}

layout_kubespray() {
    local kind=rsa-2048 member
    mkdir -p etc/kubernetes/ssl etc/ssl/etcd/ssl
    cd etc/kubernetes/ssl
    kubeadm_like kubernetes "" front-proxy-ca
    leaf_of ca apiserver apiserver /CN=kube-apiserver
    leaf_of ca client apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
    leaf_of front-proxy-ca client front-proxy-client /CN=front-proxy-client
    layout_kubeconfig ../admin.conf https://127.0.0.1:6443
    encryption_yaml secretbox key >secrets_encryption.yaml
    cd ../../ssl/etcd/ssl
    root pkcs8:rsa-2048 ca.pem ca-key.pem /CN=etcd-ca 36500
    for member in member-cp-1 admin-cp-1 node-cp-1; do
        leaf etcd pkcs8:rsa-2048 ca.pem ca-key.pem "$member.pem" "$member-key.pem" \
            "/CN=etcd-${member/-cp/-cp}"
    done
}

# A control-plane node that is no host of the group `etcd`.
layout_kubespray_without_etcd_key() {
    layout_kubespray
    rm ca-key.pem
}

layout_k0s() {
    local kind=rsa-2048
    mkdir -p var/lib/k0s/pki && cd var/lib/k0s/pki
    k0s_ca ca kubernetes-ca
    k0s_ca etcd/ca etcd-ca
    k0s_ca front-proxy-ca kubernetes-front-proxy-ca
    service_account_pair sa.key sa.pub
    k0s_leaves 192.0.2.10
}

# k0s_ca NAME CN
k0s_ca() {
    root "$kind" "$1.crt" "$1.key" "/CN=$2" 3650 "$((RANDOM + 1000))" ca_for_signing
}

# k0s_leaves ADDRESS: what each controller makes for itself. The key in etcd is
# that of etcd's own tokens.
k0s_leaves() {
    local client
    leaf_of ca k0s_apiserver server /O=kubernetes/CN=kubernetes
    leaf_of ca k0s_apiserver k0s-api /O=kubernetes/CN=k0s-api
    leaf_of ca k0s_client apiserver-kubelet-client /O=system:masters/CN=apiserver-kubelet-client
    leaf_of etcd/ca k0s_etcd apiserver-etcd-client /O=apiserver-etcd-client/CN=apiserver-etcd-client
    leaf_of etcd/ca k0s_etcd etcd/server /O=etcd-server/CN=etcd-server
    leaf_of etcd/ca k0s_etcd etcd/peer "/O=etcd-peer/CN=$1"
    service_account_pair etcd/jwt.key etcd/jwt.pub
    leaf_of front-proxy-ca k0s_client front-proxy-client /O=front-proxy-client/CN=front-proxy-client
    leaf_of ca k0s_client admin /O=system:masters/CN=kubernetes-admin
    leaf_of ca k0s_client konnectivity /O=system:masters/CN=kubernetes-konnectivity
    leaf_of ca k0s_client ccm /O=system:kube-controller-manager/CN=system:kube-controller-manager
    leaf_of ca k0s_client scheduler /O=system:kube-scheduler/CN=system:kube-scheduler
    for client in admin konnectivity ccm scheduler; do
        layout_kubeconfig "$client.conf" https://localhost:6443 ca "$client"
    done
}

# ---- others ----------------------------------------------------------------

# Keys by a plain `openssl genrsa`. dqlite's own certificate is no CA.
layout_microk8s() {
    local kind=pkcs8:rsa-2048
    mkdir -p var/snap/microk8s/current/{certs,var/kubernetes/backend} &&
        cd var/snap/microk8s/current/certs
    root "$kind" ca.crt ca.key /CN=10.152.183.1
    root "$kind" front-proxy-ca.crt front-proxy-ca.key /CN=front-proxy-ca
    leaf_of ca apiserver server /CN=127.0.0.1
    leaf_of ca client client /O=system:masters/CN=admin
    leaf_of front-proxy-ca client front-proxy-client /CN=front-proxy-client
    layout_key "$kind" serviceaccount.key
    root rsa-4096 ../var/kubernetes/backend/cluster.crt ../var/kubernetes/backend/cluster.key \
        /CN=k8s 3650 1 etcd
}

layout_hard_way() {
    local kind=pkcs8:rsa-4096
    mkdir -p var/lib/kubernetes && cd var/lib/kubernetes
    root "$kind" ca.crt ca.key /C=US/ST=Washington/L=Seattle/CN=CA 3653
    leaf_of ca apiserver kube-api-server /CN=kubernetes
    leaf_of ca client service-accounts /CN=service-accounts
    encryption_yaml aescbc key1 >encryption-config.yaml
}

layout_k8s_snap() {
    local kind=rsa-2048
    mkdir -p etc/kubernetes/pki && cd etc/kubernetes/pki
    kubeadm_like kubernetes-ca kubernetes-etcd-ca kubernetes-front-proxy-ca
    rm sa.pub
    mv sa.key serviceaccount.key
    root "$kind" client-ca.crt client-ca.key /CN=kubernetes-ca-client
    leaf_of ca apiserver apiserver /CN=kube-apiserver
    leaf_of client-ca client apiserver-kubelet-client \
        /O=system:masters/CN=apiserver-kubelet-client
    leaf_of front-proxy-ca client front-proxy-client /CN=front-proxy-client
}

# The CA's key is elsewhere.
layout_charmed() {
    local kind=pkcs8:rsa-2048
    mkdir -p root/cdk && cd root/cdk
    root "$kind" ca.crt ca.key "/CN=192.0.2.10"
    leaf_of ca apiserver server /CN=192.0.2.10
    leaf_of ca client client /CN=system:kube-apiserver
    rm ca.key
    layout_key "$kind" serviceaccount.key
    echo 'admin::protects-nothing,admin,admin,system:masters' >known_tokens.csv
}

# ---- kops ------------------------------------------------------------------

# The state store. Each keyset has one generation, with a certificate of its own
# over it, and so has the key that signs tokens. The Kubernetes CA is being
# rotated: an older generation is no longer trusted, a newer one is not primary
# yet. What `kops create keypair` made has its serial number in the subject.
layout_kops() {
    local kind=rsa-2048 set number
    mkdir -p pki/private && cd pki/private
    for set in kubernetes-ca apiserver-aggregator-ca service-account etcd-clients-ca \
        etcd-{manager,peers}-ca-{main,events}; do
        generation "$set" 1 "/CN=$set"
    done
    for number in 2 3; do
        generation kubernetes-ca "$number" "/CN=kubernetes-ca/serialNumber=$(keyset_id "$number")"
    done
    for set in *; do
        keyset "$set" 1 1
    done
    keyset kubernetes-ca 2 1 2 3
}

# generation SET NUMBER SUBJECT
generation() {
    mkdir -p "$1"
    root "$kind" "$scratch/$1-$2.crt" "$scratch/$1-$2.key" "$3" 3650 "$(keyset_id "$2")" ca_for_signing
}

# The id of a generation is the serial number of its certificate: the time in
# nanoseconds, and a random number behind it.
keyset_id() {
    echo "771180795129837226511380157$1"
}

# keyset NAME PRIMARY NUMBER...: what is older than the primary is distrusted.
keyset() {
    local name=$1 primary=$2 number
    {
        printf 'apiVersion: kops.k8s.io/v1alpha2\nkind: Keyset\nmetadata:\n'
        printf '  creationTimestamp: null\n  name: %s\nspec:\n  keys:\n' "$name"
        for number in "${@:3}"; do
            if [ "$number" -lt "$primary" ]; then
                printf '  - distrustTimestamp: "2026-01-01T00:00:00Z"\n    '
            else
                printf '  - '
            fi
            printf 'id: "%s"\n' "$(keyset_id "$number")"
            printf '    privateMaterial: %s\n' "$(base64 -w 0 "$scratch/$name-$number.key")"
            printf '    publicMaterial: %s\n' "$(base64 -w 0 "$scratch/$name-$number.crt")"
        done
        printf '  primaryId: "%s"\n  type: Keypair\n' "$(keyset_id "$primary")"
    } >"$name/keyset.yaml"
}

# One signer for each purpose, and none of their keys.
layout_openshift() {
    local kind=prime256v1 folder=etc/kubernetes/static-pod-resources signer
    for signer in localhost-serving service-network-serving loadbalancer-serving; do
        root "$kind" "$scratch/signer.crt" "$scratch/signer.key" "/CN=openshift_$signer-signer"
        mkdir -p "$folder/kube-apiserver-certs/secrets/$signer-certkey"
        leaf apiserver "$kind" "$scratch/signer.crt" "$scratch/signer.key" \
            "$folder/kube-apiserver-certs/secrets/$signer-certkey/tls.crt" \
            "$folder/kube-apiserver-certs/secrets/$signer-certkey/tls.key" /CN=192.0.2.10
    done
}
