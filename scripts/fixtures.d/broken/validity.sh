# Times. What is not named is valid for as long as kubeadm makes it.

defect ca-expired 'Kubernetes CA: ended on 2021-03-01'
fails time:ca
shows pki/ca.crt 'Not After : Mar  1 00:00:00 2021'
defect_ca_expired() {
    kubernetes_ca_by_openssl prime256v1 -startdate 20110304000000Z -enddate 20210301000000Z
}

# kubeadm lets the certificates in kubeconfigs begin when their CA begins.
defect ca-not-yet-valid 'Kubernetes CA: begins on 2040-01-01'
fails time:ca
shows pki/ca.crt 'Not Before: Jan  1 00:00:00 2040'
defect_ca_not_yet_valid() {
    kubernetes_ca_by_openssl prime256v1 -startdate 20400101000000Z -enddate 20491231000000Z
}

defect ca-ends-soon 'Kubernetes CA: ends on 2027-03-01, and all that it signed with it'
shows pki/ca.crt 'Not After : Mar  1 00:00:00 2027'
defect_ca_ends_soon() {
    new_ca prime256v1 pki/ca -startdate 20170304000000Z -enddate 20270301000000Z
    # Not by kubeadm, whose certificates would outlive the CA.
    sign_by_openssl -enddate 20270301000000Z
}

defect etcd-ca-expired 'etcd CA: ended on 2021-03-01'
fails time:etcd/ca
shows pki/etcd/ca.crt 'Not After : Mar  1 00:00:00 2021'
defect_etcd_ca_expired() {
    new_ca prime256v1 pki/etcd/ca -startdate 20110304000000Z -enddate 20210301000000Z
    sign_for_etcd pki/etcd/ca
}

defect leaf-expired '`apiserver.crt` ended on 2025-06-01'
fails time:apiserver
shows pki/apiserver.crt 'Not After : Jun  1 00:00:00 2025'
defect_leaf_expired() {
    sign_leaf apiserver pki/ca -startdate 20240601000000Z -enddate 20250601000000Z
}

defect kubeconfig-expired 'the client certificate in `admin.conf` ended on 2025-06-01'
fails time:admin
defect_kubeconfig_expired() {
    sign_kubeconfig admin pki/ca -startdate 20240601000000Z -enddate 20250601000000Z
}
