# Tells whether each folder has its defect and no other, by openssl. Read by
# scripts/fixtures.
#
# A folder fails some of the checks below. Which, stands with its recipe; see
# broken.sh. The names of the checks:
#   certificate:CA   openssl reads the certificate
#   key:CA           openssl reads the key, without a passphrase
#   pair:X           the key belongs to the certificate (for sa: to sa.pub)
#   self:CA          the certificate is signed by its own key
#   authority:CA     it is a CA that may sign certificates for TLS
#   time:X           today is within the validity
#   name:X           the subject is as kubeadm has it
#   there:X          the file or files are there
#   signed:X         signed by the CA of its place
#   usage:X          good for what it is used for
#   trust:X          the kubeconfig trusts the Kubernetes CA
#   distinct         no two of the four keys are one
# CA is ca, etcd/ca or front-proxy-ca; X is also a leaf or a kubeconfig.
# What cannot be read is not checked further, except that without a readable
# pki/ca.crt the one in admin.conf stands in for it.

check() {
    local names=("$@") name wrong=0
    if [ ${#names[@]} -eq 0 ]; then
        names=("${defects[@]}")
        check_kubeadm_variants || wrong=1
    fi
    require_recipes "${names[@]}"
    for name in "${names[@]}"; do
        check_folder "broken/$name" "${failures_of[$name]}" || wrong=1
        check_text "$name" || wrong=1
    done
    if [ $wrong -ne 0 ]; then
        fail "some folders are not what they say"
    fi
    echo "all folders are what they say"
}

check_kubeadm_variants() {
    local name wrong=0
    for name in rsa-2048 rsa-4096 ecdsa-p256 ecdsa-p384; do
        check_folder "kubeadm/$name" "" || wrong=1
    done
    check_folder kubeadm/external-ca "key:ca" || wrong=1
    check_folder kubeadm/external-etcd \
        "key:etcd/ca there:etcd/healthcheck-client there:etcd/peer there:etcd/server" || wrong=1
    return $wrong
}

# check_folder FOLDER FAILURES
check_folder() {
    local expected found
    expected=$(tr ' ' '\n' <<<"$2" | sort)
    found=$(failing_checks "$fixtures/$1" | sort)
    if [ "$found" != "$expected" ]; then
        echo "$1 fails: ${found//$'\n'/ }"
        echo "$1 should fail: ${expected//$'\n'/ }"
        return 1
    fi
}

# check_text NAME: what `shows` says.
check_text() {
    local file=${shown_file_of[$1]}
    if [ -n "$file" ] && ! text_of "$fixtures/broken/$1/$file" \
        | LC_ALL=C grep -aqPz -- "(?s)${shown_pattern_of[$1]}"; then
        echo "broken/$1: $file does not show: ${shown_pattern_of[$1]}"
        return 1
    fi
}

# text_of FILE: what it says, also as openssl sees it.
text_of() {
    cat "$1"
    openssl x509 -in "$1" -noout -text 2>/dev/null || true
    openssl pkey -in "$1" -passin pass: -noout -text 2>/dev/null || true
}

# failing_checks FOLDER: the names of the checks that fail, one a line.
failing_checks() {
    if ! cd "$1"; then
        echo there:folder
        return
    fi
    seen=$scratch/seen
    rm -rf "$seen"
    mkdir -p "$seen/etcd"
    local name
    for name in "${cas[@]}"; do
        check_ca "$name"
    done
    if [ ! -e "$seen/ca.crt" ]; then
        from_kubeconfig admin certificate-authority-data >"$seen/ca.crt"
    fi
    for name in "${kubernetes_leaves[@]}"; do
        check_leaf "$name" ca
    done
    for name in "${etcd_leaves[@]}"; do
        check_leaf "$name" etcd/ca
    done
    for name in "${aggregator_leaves[@]}"; do
        check_leaf "$name" front-proxy-ca
    done
    for name in "${kubernetes_kubeconfigs[@]}"; do
        check_kubeconfig "$name"
    done
    check_service_account_key
    report distinct keys_are_distinct
}

# report CHECK COMMAND...: the name of the check if the command fails.
report() {
    if ! "${@:2}" >/dev/null 2>&1; then
        echo "$1"
    fi
}

# ---- the parts of a folder ------------------------------------------------
#
# What openssl reads stays in $seen: NAME.crt is the certificate with all that
# openssl says about it in front, and NAME.pub is the public key of the key. To
# start openssl only once for each file makes the whole check twice as fast.

# check_ca CA
check_ca() {
    report "certificate:$1" read_certificate "pki/$1.crt" "$1"
    report "key:$1" read_key "pki/$1.key" "$1"
    if [ -e "$seen/$1.crt" ]; then
        report "self:$1" is_self_signed "$1"
        report "authority:$1" may_sign "$1"
        report "time:$1" is_valid_today "$1"
        report "name:$1" has_subject "$1" "$(ca_subject "$1")"
        if [ -e "$seen/$1.pub" ]; then
            report "pair:$1" is_pair "$1"
        fi
    fi
}

ca_subject() {
    case $1 in
        ca) echo /CN=kubernetes ;;
        etcd/ca) echo /CN=etcd-ca ;;
        front-proxy-ca) echo /CN=front-proxy-ca ;;
    esac
}

# check_leaf LEAF CA
check_leaf() {
    if [ -e "pki/$1.crt" ] && [ -e "pki/$1.key" ]; then
        check_component "pki/$1.crt" "pki/$1.key" "$1" "$2"
    else
        echo "there:$1"
    fi
}

check_kubeconfig() {
    from_kubeconfig "$1" client-certificate-data >"$scratch/client.crt"
    from_kubeconfig "$1" client-key-data >"$scratch/client.key"
    check_component "$scratch/client.crt" "$scratch/client.key" "$1" ca
    report "trust:$1" trusts_the_ca "$1"
}

# check_component CERTIFICATE KEY NAME CA
check_component() {
    report "certificate:$3" read_certificate "$1" "$3"
    report "key:$3" read_key "$2" "$3"
    report "pair:$3" is_pair "$3"
    report "time:$3" is_valid_today "$3"
    report "name:$3" has_subject "$3" "$(subject_of "$3")"
    report "usage:$3" is_good_for "$(form_of "$3")" "$3"
    if [ -e "$seen/$4.crt" ]; then
        report "signed:$3" openssl verify -partial_chain -no_check_time \
            -trusted "$seen/$4.crt" "$seen/$3.crt"
    fi
}

check_service_account_key() {
    report key:sa read_key pki/sa.key sa
    report there:sa.pub test -e pki/sa.pub
    if [ -e "$seen/sa.pub" ] && [ -e pki/sa.pub ]; then
        report pair:sa cmp "$seen/sa.pub" pki/sa.pub
    fi
}

# ---- single questions -----------------------------------------------------
# NAME is that of a file in $seen without its ending.

# read_certificate FILE NAME. openssl leaves an empty file behind when it
# fails, so what it writes is moved in place last. (-text rather than -ext:
# with -ext, openssl 3.0 gives wrong answers for -purpose.)
read_certificate() {
    openssl x509 -in "$1" -subject -nameopt compat -dates -dateopt iso_8601 -purpose -pubkey \
        -text >"$scratch/read" && mv "$scratch/read" "$seen/$2.crt"
}

# read_key FILE NAME. openssl reads an inconsistent RSA key without complaint
# unless it is told to check.
read_key() {
    openssl pkey -in "$1" -passin pass: -check -pubout >"$scratch/read" || return 1
    block 'PUBLIC KEY' "$scratch/read" >"$seen/$2.pub"
}

# block LABEL FILE: the first PEM block with that label.
block() {
    sed -n "/-----BEGIN $1-----/,/-----END $1-----/p" "$2"
}

# fact NAME PATTERN: a line that openssl says about a certificate.
fact() {
    grep -qxE " *$2" "$seen/$1.crt"
}

is_pair() {
    cmp <(block 'PUBLIC KEY' "$seen/$1.crt") "$seen/$1.pub"
}

is_self_signed() {
    openssl verify -check_ss_sig -no_check_time -trusted "$seen/$1.crt" "$seen/$1.crt"
}

may_sign() {
    fact "$1" 'CA:TRUE.*' && fact "$1" 'SSL client CA : Yes' && fact "$1" 'SSL server CA : Yes'
}

# Times in ISO 8601 are in the order of their letters.
is_valid_today() {
    local now begins ends
    now=$(date -u '+%F %TZ')
    begins=$(sed -n 's/^notBefore=//p' "$seen/$1.crt")
    ends=$(sed -n 's/^notAfter=//p' "$seen/$1.crt")
    [[ ! $now < $begins && ! $now > $ends ]]
}

# has_subject NAME SUBJECT
has_subject() {
    fact "$1" "subject=$2"
}

# is_good_for FORM NAME: FORM as in openssl.cnf.
is_good_for() {
    case $1 in
        apiserver) fact "$2" 'SSL server : Yes' ;;
        etcd) fact "$2" 'SSL server : Yes' && fact "$2" 'SSL client : Yes' ;;
        client) fact "$2" 'SSL client : Yes' ;;
    esac
}

# trusts_the_ca KUBECONFIG
trusts_the_ca() {
    cmp <(from_kubeconfig "$1" certificate-authority-data) <(block CERTIFICATE "$seen/ca.crt")
}

keys_are_distinct() {
    [ -z "$(cd "$seen" && sha256sum ./{ca,etcd/ca,front-proxy-ca,sa}.pub \
        | cut -d ' ' -f 1 | sort | uniq -d)" ]
}
