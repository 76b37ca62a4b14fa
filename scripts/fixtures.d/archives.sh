# fixtures/archives: fixtures/kubeadm/ecdsa-p256 as tar files, sound and
# hostile. Read by scripts/fixtures.

make_archives() {
    staged=$scratch/staged
    archives=$scratch/archives
    mkdir "$archives"
    sound_archives
    archive_with_path_outside
    archive_with_special_files
    archive_with_link_outside
    archive_with_links_inside
    archive_with_readable_keys
    truncated_archive
    bomb
    rm -rf "$fixtures/archives"
    mv "$archives" "$fixtures/archives"
}

# stage: a fresh copy of the folder with the modes that kubeadm sets; git does
# not keep them.
stage() {
    rm -rf "$staged"
    cp -R "$fixtures/kubeadm/ecdsa-p256" "$staged"
    find "$staged" -type f -exec chmod 600 {} +
    find "$staged" -type f -name '*.crt' -exec chmod 644 {} +
    find "$staged" -type d -exec chmod 755 {} +
}

# pack FILE [OPTION...]: what is staged. Order, owner and times are always the same.
pack() {
    tar --sort=name --owner=root:0 --group=root:0 --mtime='2026-01-01 00:00:00Z' \
        --file "$1" -C "$staged" "${@:2}" -c .
}

sound_archives() {
    stage
    pack "$archives/ecdsa-p256.tar"
    gzip -n <"$archives/ecdsa-p256.tar" >"$archives/ecdsa-p256.tar.gz"
    zstd -q "$archives/ecdsa-p256.tar" -o "$archives/ecdsa-p256.tar.zst"
    # As from a backup of the root folder.
    pack "$archives/backup-root.tar" --transform 's|^\.|etc/kubernetes|'
    gzip -n "$archives/backup-root.tar"
}

# Beside a sound PKI, a file that would land outside of the folder.
archive_with_path_outside() {
    stage
    pack "$archives/traversal.tar"
    echo outside >"$scratch/x"
    # -P keeps the leading ../ that tar takes away otherwise.
    tar -P --append --file "$archives/traversal.tar" -C "$scratch" \
        --owner=root:0 --group=root:0 --transform 's|^x$|../../etc/x|' x
}

archive_with_special_files() {
    stage
    pack "$archives/fifo.tar"
    # Without root's rights a device cannot be made, only written into a tar.
    python3 "$helpers/special_files.py" "$archives/fifo.tar"
}

archive_with_link_outside() {
    stage
    ln -sf /etc/shadow "$staged/pki/ca.key"
    pack "$archives/link-outside.tar"
}

archive_with_links_inside() {
    stage
    mv "$staged/pki/ca.crt" "$staged/pki/ca-2026.crt"
    ln -s ca-2026.crt "$staged/pki/ca.crt"
    # tar writes ca-2026.key, which comes first, as a file and ca.key as a link.
    ln "$staged/pki/ca.key" "$staged/pki/ca-2026.key"
    pack "$archives/links-inside.tar"
}

archive_with_readable_keys() {
    stage
    find "$staged" -type f -name '*.key' -exec chmod 644 {} +
    pack "$archives/readable-keys.tar"
}

truncated_archive() {
    local size
    size=$(stat -c %s "$archives/ecdsa-p256.tar.gz")
    head -c $((size / 2)) "$archives/ecdsa-p256.tar.gz" >"$archives/truncated.tar.gz"
}

# One file of 3 GiB. It is sparse, so it takes no room here either; tar reads
# the holes as zeros.
bomb() {
    rm -rf "$staged"
    mkdir -p "$staged/pki"
    truncate -s 3G "$staged/pki/ca.crt"
    pack - | gzip -n -9 >"$archives/bomb.tar.gz"
}
