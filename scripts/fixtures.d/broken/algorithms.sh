# Keys and signatures that are weak, or that some program cannot use.

defect rsa-1024-ca 'Kubernetes CA: RSA-1024'
shows pki/ca.crt 'Public-Key: \(1024 bit\)'
defect_rsa_1024_ca() {
    kubernetes_ca rsa-1024
}

defect sha1-signed-ca 'Kubernetes CA: RSA-2048, the self-signature is made with SHA-1'
shows pki/ca.crt 'Signature Algorithm: sha1WithRSAEncryption'
defect_sha1_signed_ca() {
    kubernetes_ca rsa-2048 -md sha1
}

defect md5-signed-ca 'Kubernetes CA: RSA-2048, the self-signature is made with MD5'
shows pki/ca.crt 'Signature Algorithm: md5WithRSAEncryption'
defect_md5_signed_ca() {
    kubernetes_ca rsa-2048 -md md5
}

defect rsa-pss-signed-ca 'Kubernetes CA: an ordinary RSA-2048 key, the self-signature is RSA-PSS'
shows pki/ca.crt 'Signature Algorithm: rsassaPss.*Public Key Algorithm: rsaEncryption'
defect_rsa_pss_signed_ca() {
    kubernetes_ca rsa-2048 -sigopt rsa_padding_mode:pss
}

defect rsa-pss-key-ca 'Kubernetes CA: the key is for RSA-PSS only (id-RSASSA-PSS, PKCS#8)'
shows pki/ca.crt 'Public Key Algorithm: rsassaPss'
defect_rsa_pss_key_ca() {
    kubernetes_ca_by_openssl rsa-pss
}

defect secp256k1-ca 'Kubernetes CA: the curve is secp256k1'
shows pki/ca.crt 'ASN1 OID: secp256k1'
defect_secp256k1_ca() {
    kubernetes_ca_by_openssl secp256k1
}

defect explicit-parameters-ca 'Kubernetes CA: P-256, in key and certificate written out as explicit parameters'
fails "${signed_by_kubernetes[@]}"
shows pki/ca.crt 'Field Type: prime-field'
defect_explicit_parameters_ca() {
    kubernetes_ca_by_openssl explicit
}

defect ed448-ca 'Kubernetes CA: Ed448 (PKCS#8)'
shows pki/ca.crt 'Public Key Algorithm: ED448'
defect_ed448_ca() {
    kubernetes_ca_by_openssl ed448
}

defect dsa-ca 'Kubernetes CA: DSA-2048 (PKCS#8)'
shows pki/ca.crt 'Public Key Algorithm: dsaEncryption'
defect_dsa_ca() {
    kubernetes_ca_by_openssl dsa
}

defect ed25519-ca 'Works, for comparison: the Kubernetes CA is Ed25519 (PKCS#8)'
shows pki/ca.crt 'Public Key Algorithm: ED25519'
defect_ed25519_ca() {
    kubernetes_ca_by_openssl ed25519
}

defect p521-ca 'Works, for comparison: the Kubernetes CA is P-521, signed with SHA-512'
shows pki/ca.crt 'ecdsa-with-SHA512.*ASN1 OID: secp521r1'
defect_p521_ca() {
    kubernetes_ca secp521r1 -md sha512
}

# service_account_key KIND
service_account_key() {
    new_key "$1" pki/sa.key
    openssl pkey -in pki/sa.key -pubout -out pki/sa.pub
}

defect ed25519-service-account-key '`sa.key` is Ed25519 (PKCS#8)'
shows pki/sa.key 'ED25519 Private-Key'
defect_ed25519_service_account_key() {
    service_account_key ed25519
}

defect p224-service-account-key '`sa.key` is P-224'
shows pki/sa.key 'ASN1 OID: secp224r1'
defect_p224_service_account_key() {
    service_account_key secp224r1
}

defect rsa-1024-service-account-key '`sa.key` is RSA-1024'
shows pki/sa.key 'Private-Key: \(1024 bit'
defect_rsa_1024_service_account_key() {
    service_account_key rsa-1024
}

defect negative-serial-ca 'Kubernetes CA: the serial number is negative, which Go refuses'
shows pki/ca.crt 'Serial Number: -77'
defect_negative_serial_ca() {
    new_key prime256v1 pki/ca.key
    # `openssl ca` takes no negative number.
    CA_NAME=kubernetes openssl req -x509 -new -config "$helpers/openssl.cnf" \
        -extensions ca_like_kubeadm -key pki/ca.key -subj /CN=kubernetes -days 3650 \
        -set_serial -77 -out pki/ca.crt
    sign_by_openssl
}
