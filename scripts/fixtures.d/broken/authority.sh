# A Kubernetes CA certificate that may not sign, or that others do not accept.

defect leaf-as-ca '`ca.crt` is self-signed with CA:FALSE'
fails authority:ca "${signed_by_kubernetes[@]}"
shows pki/ca.crt 'CA:FALSE'
defect_leaf_as_ca() {
    kubernetes_ca_by_openssl prime256v1 --form ca_that_is_a_leaf
}

defect no-key-cert-sign 'the key usage of `ca.crt` lacks keyCertSign'
fails authority:ca self:ca "${signed_by_kubernetes[@]}"
shows pki/ca.crt 'Digital Signature, Key Encipherment\n'
defect_no_key_cert_sign() {
    kubernetes_ca prime256v1 --form ca_without_cert_sign
}

defect no-basic-constraints '`ca.crt` has no basic constraints'
fails authority:ca
shows pki/ca.crt 'X509v3 extensions:(?!.*Basic Constraints)'
defect_no_basic_constraints() {
    kubernetes_ca_by_openssl prime256v1 --form ca_without_basic_constraints
}

defect x509-v1 '`ca.crt` is an X.509 version 1 certificate, so it has no extensions'
fails authority:ca
shows pki/ca.crt 'Version: 1 '
defect_x509_v1() {
    # Without a key identifier of the CA, the leaves cannot name it.
    AUTHORITY_KEY=none
    kubernetes_ca_by_openssl prime256v1 --form no_extensions
}

defect ca-usage-email-only 'the extended key usage of `ca.crt` allows emailProtection only'
fails authority:ca
shows pki/ca.crt 'E-mail Protection\n'
defect_ca_usage_email_only() {
    kubernetes_ca prime256v1 --form ca_for_email_only
}

defect unhandled-critical-extension '`ca.crt` has a critical extension that nobody knows (2.999.1)'
fails self:ca "${signed_by_kubernetes[@]}"
shows pki/ca.crt '2\.999\.1: critical'
defect_unhandled_critical_extension() {
    kubernetes_ca prime256v1 --form ca_with_unknown_critical_extension
}

defect name-constraints '`ca.crt` permits (critical) only names under example.org'
fails signed:apiserver
shows pki/ca.crt 'Name Constraints: critical\s+Permitted:\s+DNS:example.org'
defect_name_constraints() {
    kubernetes_ca prime256v1 --form ca_with_name_constraints
}

defect path-length-zero 'Sound, for comparison: `ca.crt` has path length 0'
shows pki/ca.crt 'CA:TRUE, pathlen:0'
defect_path_length_zero() {
    kubernetes_ca prime256v1 --form ca_with_path_length_zero
}

# root_ca KIND: $scratch/root, of a company.
root_ca() {
    new_ca "$1" "$scratch/root" --name 'Example Root'
}

defect subordinate-rsa '`ca.crt` (RSA-2048) is signed by an RSA root whose certificate is nowhere'
fails self:ca
shows pki/ca.crt 'Signature Algorithm: sha256WithRSA.*Issuer: CN = Example Root.*\(2048 bit\)'
defect_subordinate_rsa() {
    root_ca rsa-2048
    new_key rsa-2048 pki/ca.key
    subordinate "$scratch/root" pki/ca
    sign_by_kubeadm
}

defect subordinate-with-chain '`ca.crt` holds a subordinate CA and then the root that signed it (both P-256)'
fails self:ca
shows pki/ca.crt 'END CERTIFICATE-----\n-----BEGIN CERTIFICATE.*Issuer: CN = Example Root'
defect_subordinate_with_chain() {
    root_ca prime256v1
    new_key prime256v1 pki/ca.key
    subordinate "$scratch/root" pki/ca
    cat "$scratch/root.crt" >>pki/ca.crt
    sign_by_kubeadm
}

defect subordinate-ec-under-rsa '`ca.crt` (P-256) is signed by an RSA root whose certificate is nowhere'
fails self:ca
shows pki/ca.crt 'Signature Algorithm: sha256WithRSA.*Issuer: CN = Example Root.*prime256v1'
defect_subordinate_ec_under_rsa() {
    root_ca rsa-2048
    new_key prime256v1 pki/ca.key
    subordinate "$scratch/root" pki/ca
    sign_by_kubeadm
}

defect self-signature-broken 'the last bit of the self-signature of `ca.crt` (RSA-2048) is flipped'
fails self:ca
shows pki/ca.crt 'Issuer: CN = kubernetes\n'
defect_self_signature_broken() {
    kubernetes_ca rsa-2048
    openssl x509 -in pki/ca.crt -outform der -out "$scratch/ca.der"
    python3 "$helpers/der.py" flip-last-bit "$scratch/ca.der" | as_pem CERTIFICATE >pki/ca.crt
    trust_in_kubeconfigs pki/ca.crt
}
