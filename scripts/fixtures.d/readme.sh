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

## nodes

Further nodes of clusters in `kubeadm` and `layouts`: the same CAs and `sa.key`, and leaves of
their own.

| Folder | Which node |
|---|---|
| `kubeadm-cp-2` | the control plane `cp-2` (192.0.2.11) of `kubeadm/ecdsa-p256` |
| `kubeadm-cp-3` | `cp-3` (192.0.2.12) of the same; its `ca.crt` was renewed over the same key, for 20 years |
| `k0s-controller-2` | the second controller of `layouts/k0s`, with an aggregator CA of its own |

## layouts

One tree a distribution, as a backup from the root folder of a control-plane node
has it, with the file names, encodings and subjects of that distribution.

| Folder | What it is |
|---|---|
| `kind` | `kubeadm/rsa-2048` with kind's server in the kubeconfigs; the tree is `/etc/kubernetes` |
| `cluster-api` | a node of Cluster API: `kubeadm/rsa-2048` under three CAs of one name, `kubernetes`, and one serial, 0; the tree is `/etc/kubernetes` |
| `minikube` | the CA is `minikubeCA`, for servers and clients; `proxy-client-ca` is a decoy |
| `kubespray` | etcd on the host, its keys PKCS#8, its CA for 100 years; Secrets encrypted by secretbox |
| `kubespray-without-etcd-key` | the same on a host outside of the group `etcd`: no `ca-key.pem` |
| `k0s` | kubeadm's names, k0s's subjects; an aggregator CA of this controller alone |
| `k3s` | CAs for servers and for clients, two for etcd; SQLite |
| `k3s-rotated` | after `rotate-ca`: four certificates and two keys a CA, two service-account keys; etcd, Secrets encrypted by aescbc |
| `rke2` | as `k3s`; etcd, Secrets encrypted by aescbc |
| `rke1` | one CA for Kubernetes and etcd, serial 0; tokens are signed with the key of the API server; `identity` before aescbc |
| `microk8s` | the CA is `10.152.183.1`, keys PKCS#8; dqlite, whose own certificate is no CA |
| `kops` | keysets of the state store; of the Kubernetes CA one generation is distrusted and one is not primary yet |
| `hard-way` | one CA, RSA-4096, PKCS#8; no etcd CA, no aggregator CA; aescbc `key1` |
| `k8s-snap` | Canonical Kubernetes: kubeadm's folder with `client-ca` |
| `charmed` | Charmed Kubernetes: no CA key |
| `openshift` | a signer for each purpose, without their keys |

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
