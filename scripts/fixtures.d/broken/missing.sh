# Files that are not there.

defect kubernetes-ca-missing '`ca.crt` is missing'
fails certificate:ca
defect_kubernetes_ca_missing() {
    rm pki/ca.crt
}

defect kubernetes-ca-key-missing '`ca.key` is missing'
fails key:ca
defect_kubernetes_ca_key_missing() {
    rm pki/ca.key
}

defect etcd-ca-missing '`etcd/ca.crt` is missing'
fails certificate:etcd/ca
defect_etcd_ca_missing() {
    rm pki/etcd/ca.crt
}

defect etcd-ca-key-missing '`etcd/ca.key` is missing'
fails key:etcd/ca
defect_etcd_ca_key_missing() {
    rm pki/etcd/ca.key
}

defect aggregator-ca-missing '`front-proxy-ca.crt` is missing'
fails certificate:front-proxy-ca
defect_aggregator_ca_missing() {
    rm pki/front-proxy-ca.crt
}

defect aggregator-ca-key-missing '`front-proxy-ca.key` is missing'
fails key:front-proxy-ca
defect_aggregator_ca_key_missing() {
    rm pki/front-proxy-ca.key
}

defect service-account-key-missing '`sa.key` is missing'
fails key:sa
defect_service_account_key_missing() {
    rm pki/sa.key
}

defect service-account-public-key-missing 'Sound, for comparison: `sa.pub` is missing'
fails there:sa.pub
defect_service_account_public_key_missing() {
    rm pki/sa.pub
}

defect leaves-missing 'only the seven files that Talos reads are there: no leaves, no `sa.pub`'
fails there:sa.pub "${there_leaves[@]}"
defect_leaves_missing() {
    local name
    for name in "${kubernetes_leaves[@]}" "${etcd_leaves[@]}" "${aggregator_leaves[@]}"; do
        rm "pki/$name.crt" "pki/$name.key"
    done
    rm pki/sa.pub
}
