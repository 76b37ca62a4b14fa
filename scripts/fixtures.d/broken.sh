# fixtures/broken: one folder for each defect. Read by scripts/fixtures.
#
# A recipe is a function called defect_NAME, with _ for each - of the folder's
# name. It runs in a copy of a sound folder, which is the current folder, and
# leaves it with the one defect. In front of it stands:
#   defect NAME DESCRIPTION        what differs, for fixtures/README.md
#   fails CHECK...                 the checks of check.sh that then fail
#   shows FILE PATTERN             what the text of a file then says, also as
#                                  openssl sees it (for grep -P)
# Without `fails` all checks have to succeed.

defects=()
declare -A description_of group_of failures_of shown_file_of shown_pattern_of

defect() {
    defects+=("$1")
    description_of[$1]=$2
    group_of[$1]=$group
    failures_of[$1]=
    shown_file_of[$1]=
}

fails() {
    failures_of[${defects[-1]}]=$*
}

shows() {
    shown_file_of[${defects[-1]}]=$1
    shown_pattern_of[${defects[-1]}]=$2
}

# Groups of checks that fail together.
signed_by_kubernetes=("${kubernetes_leaves[@]/#/signed:}" "${kubernetes_kubeconfigs[@]/#/signed:}")
signed_by_etcd=("${etcd_leaves[@]/#/signed:}")
trust_of_kubeconfigs=("${kubernetes_kubeconfigs[@]/#/trust:}")
there_leaves=("${kubernetes_leaves[@]/#/there:}" "${etcd_leaves[@]/#/there:}"
    "${aggregator_leaves[@]/#/there:}")
readable_cas=("${cas[@]/#/certificate:}" "${cas[@]/#/key:}")

groups=(pairs authority validity algorithms files slots identities missing names)
for group in "${groups[@]}"; do
    source "$helpers/broken/$group.sh"
done

make_broken() {
    local base=$fixtures/kubeadm/ecdsa-p256
    if [ ! -d "$base" ]; then
        fail "fixtures/kubeadm/ecdsa-p256 is not there; run: scripts/fixtures sound"
    fi
    use_kubeadm
    export ENCRYPTION_ALGORITHM=ECDSA-P256
    mkdir -p "$fixtures/broken"
    local names=("$@") name
    if [ ${#names[@]} -eq 0 ]; then
        names=("${defects[@]}")
        remove_folders_without_recipe
    fi
    require_recipes "${names[@]}"
    for name in "${names[@]}"; do
        make_broken_folder "$name" "$base"
    done
}

# require_recipes NAME...
require_recipes() {
    local name
    for name in "$@"; do
        if [ -z "${group_of[$name]-}" ]; then
            usage_error "no such defect: $name"
        fi
    done
}

remove_folders_without_recipe() {
    local folder
    for folder in "$fixtures"/broken/*/; do
        if [ -d "$folder" ] && [ -z "${group_of[$(basename "$folder")]-}" ]; then
            rm -r "$folder"
        fi
    done
}

# make_broken_folder NAME BASE
make_broken_folder() {
    local new=$scratch/new
    mkdir "$new"
    cp -R "$2/pki" "$2"/*.conf "$new"
    log_of=$1
    (
        cd "$new"
        "defect_${1//-/_}"
    ) >"$scratch/log" 2>&1
    log_of=
    rm -rf "$fixtures/broken/$1"
    mv "$new" "$fixtures/broken/$1"
}

# ---- steps that several recipes have in common ----------------------------

# The Kubernetes CA is replaced by a new one, and kubeadm signs everything
# anew. kubernetes_ca KIND [ARGUMENT of self_signed...]
kubernetes_ca() {
    new_ca "$1" pki/ca "${@:2}"
    sign_by_kubeadm
}

# The same for a CA that kubeadm refuses to use.
kubernetes_ca_by_openssl() {
    new_ca "$1" pki/ca "${@:2}"
    sign_by_openssl
}

sign_by_kubeadm() {
    local name
    for name in "${kubernetes_leaves[@]}"; do
        rm "pki/$name.crt" "pki/$name.key"
    done
    rm ./*.conf
    kubeadm_pki "$PWD"
    kubeadm_kubeconfigs "$PWD"
}

# sign_by_openssl [ARGUMENT of issue_component...]
sign_by_openssl() {
    sign_for_kubernetes pki/ca "$@"
    trust_in_kubeconfigs pki/ca.crt
}

# foreign_ca FILE: a CA of the same name that is not in the folder, such as
# another cluster has. FILE is ca, etcd/ca or front-proxy-ca.
foreign_ca() {
    foreign=$scratch/foreign/$1
    mkdir -p "$(dirname "$foreign")"
    new_ca prime256v1 "$foreign"
}

# another_key KIND: a key that belongs to nothing.
another_key() {
    another=$scratch/another.key
    new_key "$1" "$another"
}

# as_pem LABEL: DER on standard input.
as_pem() {
    echo "-----BEGIN $1-----"
    base64 -w 64
    echo "-----END $1-----"
}

# rewrite FILE COMMAND...: the output of a command becomes the file.
rewrite() {
    local file=$1
    shift
    "$@" >"$scratch/rewritten"
    cat "$scratch/rewritten" >"$file"
}
