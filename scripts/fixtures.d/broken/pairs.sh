# A key that is not the key of its certificate.

defect key-of-another-rsa-ca 'Kubernetes CA: RSA-2048, and `ca.key` is another RSA-2048 key'
fails pair:ca
defect_key_of_another_rsa_ca() {
    kubernetes_ca rsa-2048
    new_key rsa-2048 pki/ca.key
}

defect key-of-another-ec-ca 'etcd CA: `etcd/ca.key` is another P-256 key'
fails pair:etcd/ca
defect_key_of_another_ec_ca() {
    new_key prime256v1 pki/etcd/ca.key
}

defect key-of-another-algorithm 'Kubernetes CA: `ca.crt` is RSA-2048, `ca.key` is a P-256 key'
fails pair:ca
defect_key_of_another_algorithm() {
    kubernetes_ca rsa-2048
    new_key prime256v1 pki/ca.key
}

defect key-fits-old-ca 'Kubernetes CA: `ca.key` is the key of `pki/old/ca.crt`, which ended on 2025-03-01'
fails pair:ca
shows pki/old/ca.crt 'Not After : Mar  1 00:00:00 2025'
defect_key_fits_old_ca() {
    mkdir pki/old
    new_ca prime256v1 pki/old/ca -startdate 20150304000000Z -enddate 20250301000000Z
    mv pki/old/ca.key pki/ca.key
}

defect service-account-public-key-of-another-key '`sa.pub` is the public key of another key than `sa.key`'
fails pair:sa
defect_service_account_public_key_of_another_key() {
    another_key prime256v1
    openssl pkey -in "$another" -pubout -out pki/sa.pub
}

defect service-account-key-is-public '`sa.key` holds the public key, as `sa.pub` does'
fails key:sa
shows pki/sa.key '^-----BEGIN PUBLIC KEY'
defect_service_account_key_is_public() {
    cat pki/sa.pub >pki/sa.key
}
