# Sound files under names that say nothing.

# meaningless_name PATH: the same in every run, so that a test can name a file.
meaningless_name() {
    local digest
    digest=$(sha256sum <<<"$1")
    echo "${digest:0:4}.pem"
}

# rename_all: every file under pki, and all into one folder.
rename_all() {
    local old
    mv pki "$scratch/old-pki"
    mkdir pki
    while read -r old; do
        mv -n "$scratch/old-pki/$old" "pki/$(meaningless_name "$old")"
    done < <(cd "$scratch/old-pki" && find . -type f -printf '%P\n')
    # mv -n leaves a file behind rather than writing over another one.
    find "$scratch/old-pki" -depth -type d -exec rmdir {} +
}

defect renamed-files 'every file under `pki` has a meaningless name like `a7f3.pem`, and there is no folder `etcd`'
fails key:sa there:sa.pub "${there_leaves[@]}" "${readable_cas[@]}"
defect_renamed_files() {
    rename_all
}

defect renamed-kubernetes-ca '`ca.crt` and `ca.key` are called `cluster.pem` and `cluster-key.pem`'
fails certificate:ca key:ca
defect_renamed_kubernetes_ca() {
    mv pki/ca.crt pki/cluster.pem
    mv pki/ca.key pki/cluster-key.pem
}

defect two-candidates 'every file under `pki` has a meaningless name, and there is a second CA called kubernetes, with its key, that has signed nothing'
fails key:sa there:sa.pub "${there_leaves[@]}" "${readable_cas[@]}"
defect_two_candidates() {
    new_ca prime256v1 pki/second-ca
    rename_all
}
