# Keys, certificates and kubeconfigs by openssl, in the forms that kubeadm
# writes. Read by scripts/fixtures.
#
# Every function works in a folder in the form of /etc/kubernetes, which is
# the current folder. $scratch is a folder for what shall not stay.

export CA_NAME=unnamed AUTHORITY_KEY=keyid RECORDS

# The files of a PKI: the CAs, and what each CA has signed.
cas=(ca etcd/ca front-proxy-ca)
kubernetes_leaves=(apiserver apiserver-kubelet-client)
kubernetes_kubeconfigs=(admin super-admin kubelet controller-manager scheduler)
etcd_leaves=(apiserver-etcd-client etcd/server etcd/peer etcd/healthcheck-client)
aggregator_leaves=(front-proxy-client)

# ---- times, in the form that `openssl ca` takes ---------------------------

# time_of WORDS: for example `time_of now + 1 year`.
time_of() {
    date -u -d "$*" +%Y%m%d%H%M%SZ
}

# kubeadm dates everything back by five minutes, for clocks that disagree.
start_of_validity() {
    time_of now - 5 minutes
}

# ---- keys -----------------------------------------------------------------

# new_key KIND FILE
new_key() {
    local kind=$1 file=$2
    case $kind in
        # What kubeadm does not make is PKCS#8.
        ed25519 | ed448 | rsa-pss) openssl genpkey -algorithm "$kind" -out "$file" ;;
        dsa) new_dsa_key "$file" ;;
        explicit) openssl ecparam -name prime256v1 -param_enc explicit -genkey -noout -out "$file" ;;
        rsa-*) openssl genrsa -traditional -out "$file" "${kind#rsa-}" ;;
        # Anything else is the name of a curve.
        *) openssl ecparam -name "$kind" -genkey -noout -out "$file" ;;
    esac
    chmod 600 "$file"
}

new_dsa_key() {
    openssl genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:2048 \
        -pkeyopt dsa_paramgen_q_bits:256 -out "$scratch/dsa-parameters"
    openssl genpkey -paramfile "$scratch/dsa-parameters" -out "$1"
}

# ---- certificates ---------------------------------------------------------

# `openssl ca` is the one command of openssl 3.0 that takes the first and the
# last day of a certificate. It wants a list of what it has issued.
prepare_records() {
    RECORDS=$scratch/records
    mkdir -p "$RECORDS"
    : >"$RECORDS/index.txt"
}

# request KEY SUBJECT: a certificate request on standard output.
request() {
    openssl req -new -config "$helpers/openssl.cnf" -key "$1" -subj "$2"
}

# issue FORM KEY SUBJECT OUT ARGUMENT...: a certificate in the form of a
# section of openssl.cnf; the arguments tell openssl who signs.
issue() {
    local form=$1 key=$2 subject=$3 out=$4
    shift 4
    request "$key" "$subject" >"$scratch/request"
    # openssl reads the CA before it writes the certificate, which may be the
    # same file.
    openssl ca -config "$helpers/openssl.cnf" -batch -notext -extensions "$form" \
        -in "$scratch/request" -out "$scratch/issued" "$@"
    cat "$scratch/issued" >"$out"
}

# self_signed NAME [ARGUMENT...]: NAME.crt over NAME.key, valid for ten years
# and like kubeadm's, unless the arguments for `openssl ca` or these say
# otherwise:
#   --form SECTION   of openssl.cnf
#   --name NAME      the common name
self_signed() {
    local base=$1 form=ca_like_kubeadm
    local -x CA_NAME=kubernetes
    case $base in
        *etcd/ca) CA_NAME=etcd-ca ;;
        *front-proxy-ca) CA_NAME=front-proxy-ca ;;
    esac
    shift
    while [[ ${1-} == --* ]]; do
        case $1 in
            --form) form=$2 ;;
            --name) CA_NAME=$2 ;;
        esac
        shift 2
    done
    issue "$form" "$base.key" "/CN=$CA_NAME" "$base.crt" -selfsign -keyfile "$base.key" \
        -startdate "$(start_of_validity)" -enddate "$(time_of now + 10 years)" "$@"
}

# new_ca KIND NAME [ARGUMENT...]: a new key and its self-signed certificate.
new_ca() {
    new_key "$1" "$2.key"
    self_signed "${@:2}"
}

# subordinate ISSUER NAME: NAME.crt over NAME.key, a CA called kubernetes that
# the CA ISSUER has signed.
subordinate() {
    local -x CA_NAME=kubernetes
    issue ca_subordinate "$2.key" "/CN=$CA_NAME" "$2.crt" -cert "$1.crt" -keyfile "$1.key" \
        -startdate "$(start_of_validity)" -enddate "$(time_of now + 10 years)"
}

# ---- the certificates of components ---------------------------------------

# subject_of COMPONENT: as kubeadm names it.
subject_of() {
    case $1 in
        apiserver) echo /CN=kube-apiserver ;;
        apiserver-kubelet-client) echo /CN=kube-apiserver-kubelet-client ;;
        apiserver-etcd-client) echo /CN=kube-apiserver-etcd-client ;;
        etcd/server | etcd/peer) echo /CN=cp-1 ;;
        etcd/healthcheck-client) echo /CN=kube-etcd-healthcheck-client ;;
        front-proxy-client) echo /CN=front-proxy-client ;;
        admin) echo /O=kubeadm:cluster-admins/CN=kubernetes-admin ;;
        super-admin) echo /O=system:masters/CN=kubernetes-super-admin ;;
        kubelet) echo /O=system:nodes/CN=system:node:cp-1 ;;
        controller-manager) echo /CN=system:kube-controller-manager ;;
        scheduler) echo /CN=system:kube-scheduler ;;
    esac
}

# form_of COMPONENT: the section of openssl.cnf.
form_of() {
    case $1 in
        apiserver) echo apiserver ;;
        etcd/server | etcd/peer) echo etcd ;;
        *) echo client ;;
    esac
}

# issue_component COMPONENT CA KEY OUT [ARGUMENT...]: a certificate for a
# year, signed by CA.crt and CA.key. --form and --subject as above.
issue_component() {
    local component=$1 ca=$2 key=$3 out=$4
    local form subject
    form=$(form_of "$component")
    subject=$(subject_of "$component")
    shift 4
    while [[ ${1-} == --* ]]; do
        case $1 in
            --form) form=$2 ;;
            --subject) subject=$2 ;;
        esac
        shift 2
    done
    issue "$form" "$key" "$subject" "$out" -cert "$ca.crt" -keyfile "$ca.key" \
        -startdate "$(start_of_validity)" -enddate "$(time_of now + 1 year)" "$@"
}

# sign_leaf LEAF CA [ARGUMENT...]: pki/LEAF.crt anew, over the key it has.
sign_leaf() {
    issue_component "$1" "$2" "pki/$1.key" "pki/$1.crt" "${@:3}"
}

# sign_kubeconfig NAME CA [ARGUMENT...]: the certificate in NAME.conf anew,
# over the key it has.
sign_kubeconfig() {
    from_kubeconfig "$1" client-key-data >"$scratch/client.key"
    issue_component "$1" "$2" "$scratch/client.key" "$scratch/client.crt" "${@:3}"
    into_kubeconfig "$1" client-certificate-data "$scratch/client.crt"
}

# sign_for_kubernetes CA [ARGUMENT...]: all that the Kubernetes CA has signed.
sign_for_kubernetes() {
    local component
    for component in "${kubernetes_leaves[@]}"; do
        sign_leaf "$component" "$@"
    done
    for component in "${kubernetes_kubeconfigs[@]}"; do
        sign_kubeconfig "$component" "$@"
    done
}

# sign_for_etcd CA [ARGUMENT...]
sign_for_etcd() {
    local leaf
    for leaf in "${etcd_leaves[@]}"; do
        sign_leaf "$leaf" "$@"
    done
}

# sign_for_aggregator CA [ARGUMENT...]
sign_for_aggregator() {
    local leaf
    for leaf in "${aggregator_leaves[@]}"; do
        sign_leaf "$leaf" "$@"
    done
}

# ---- kubeconfigs ----------------------------------------------------------

# from_kubeconfig NAME FIELD: the PEM text.
from_kubeconfig() {
    sed -n "s/^ *$2: //p" "$1.conf" | base64 -d
}

# into_kubeconfig NAME FIELD FILE
into_kubeconfig() {
    local value
    value=$(base64 -w 0 "$3")
    sed -i "s|^\( *$2: \).*|\1$value|" "$1.conf"
}

# trust_in_kubeconfigs FILE: the CA that the five clients trust.
trust_in_kubeconfigs() {
    local name
    for name in "${kubernetes_kubeconfigs[@]}"; do
        into_kubeconfig "$name" certificate-authority-data "$1"
    done
}
