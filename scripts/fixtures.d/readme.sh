# fixtures/README.md, from the descriptions that stand beside the recipes. Read
# by scripts/fixtures.

write_readme() {
    readme >"$fixtures/README.md"
    cat >"$fixtures/KEYS-PROTECT-NOTHING" <<'TEXT'
Every private key, certificate and passphrase in this folder was made by scripts/fixtures for the tests of talos-pki. They belong to no cluster and protect nothing.
TEXT
}

readme() {
    cat <<'TEXT'
# PKIs for the tests

Every private key, certificate and passphrase here was made for the tests. They
belong to no cluster and protect nothing.

`scripts/fixtures` makes everything in this folder, this text included, and
makes new keys each time; nothing is written by hand. `scripts/fixtures check`
tells, by openssl, whether each folder has the defect it is named after and no
other. Certificates of components are valid for a year, as those of kubeadm are,
so a test that depends on the time gives the time itself, or takes it from the
certificates.

Git keeps no modes. A test that needs a private key to be readable for its owner
only sets the mode itself; in the archives the modes are as kubeadm sets them.

## kubeadm

What kubeadm 1.36 leaves in `/etc/kubernetes` on the control plane node `cp-1`
(192.0.2.10, endpoint `kube.example.org:6443`): `pki`, the five kubeconfigs, and
the manifests of the static pods.

| Folder | How it differs |
|---|---|
| `rsa-2048` | the default of kubeadm |
| `rsa-4096` | `encryptionAlgorithm: RSA-4096` |
| `ecdsa-p256` | `encryptionAlgorithm: ECDSA-P256` |
| `ecdsa-p384` | `encryptionAlgorithm: ECDSA-P384` |
| `external-etcd` | ECDSA-P256; etcd runs elsewhere: `pki/etcd/ca.crt` without its key, `pki/apiserver-etcd-client.*`, no other etcd certificate and no manifest of etcd |
| `external-ca` | ECDSA-P256; `pki/ca.key` is taken away, as in kubeadm's external CA mode |

## archives

`kubeadm/ecdsa-p256` in tar files, owned by root, keys with mode 0600.

| File | How it differs |
|---|---|
| `ecdsa-p256.tar`, `.tar.gz`, `.tar.zst` | sound |
| `backup-root.tar.gz` | sound, under `etc/kubernetes/` |
| `readable-keys.tar` | the keys have mode 0644 |
| `links-inside.tar` | `pki/ca.crt` is a symbolic link to `ca-2026.crt`, `pki/ca.key` a hard link to `pki/ca-2026.key`, both in the archive |
| `link-outside.tar` | `pki/ca.key` is a symbolic link to `/etc/shadow` |
| `traversal.tar` | has an entry `../../etc/x` |
| `fifo.tar` | has a FIFO, `pki/fifo`, and a character device, `pki/device` |
| `truncated.tar.gz` | breaks off in the middle |
| `bomb.tar.gz` | has one file, `pki/ca.crt`, of 3 GiB of zeros |

## talosconfig

A Talos CA, and the key of an administrator with certificates for it. They are
parts of talosconfigs, and the CA stands in machine configs.

| File | What it is |
|---|---|
| `ca.crt`, `ca.key` | the CA, `O=talos` |
| `other.crt`, `other.key` | another CA of the same name |
| `admin.key`, `admin.crt` | key and certificate of an administrator, `O=os:admin`, clientAuth |
| `ended-ca.crt` | the CA as it ended a year before |
| `unknown-role.crt` | `os:administrator` is a second role |
| `without-known-role.crt` | `os:administrator` is the only role |
| `without-role.crt` | the subject has no organization |
| `expired.crt`, `early.crt` | ended a year before, begins five years after |
| `ending.crt` | holds for 20 days |
| `client-and-server.crt`, `client-and-email.crt`, `server.crt`, `without-usage.crt` | another extended key usage |
| `of-another-ca.crt` | issued by `other.crt` |

## broken

One `/etc/kubernetes` for each defect: `pki` and the five kubeconfigs, without
manifests. Each is `kubeadm/ecdsa-p256` with one difference. Where that concerns
a CA, the certificates of components and in kubeconfigs are signed anew by the CA
that stands in the folder, by kubeadm if it uses such a CA and else by openssl in
the same form. Paths are under `pki`.
TEXT
    local group
    for group in "${groups[@]}"; do
        readme_table "$group"
    done
}

readme_table() {
    local name
    printf '\n### %s\n\n| Folder | How it differs |\n|---|---|\n' "$1"
    for name in "${defects[@]}"; do
        if [ "${group_of[$name]}" = "$1" ]; then
            printf '| `%s` | %s |\n' "$name" "${description_of[$name]}"
        fi
    done
}
