# Unusual and damaged files. The certificates and keys in them are sound. What
# stands in the kubeconfigs is always a plain PEM certificate.

# ---- several blocks in one file -------------------------------------------

# old_ca: a CA of the time before a rotation, still valid.
old_ca() {
    old=$scratch/old-ca
    new_ca prime256v1 "$old" -startdate 20200304000000Z -enddate 20300301000000Z
}

defect two-cas-current-first '`ca.crt` holds the current CA and then an old one'
shows pki/ca.crt 'END CERTIFICATE-----\n-----BEGIN CERTIFICATE'
defect_two_cas_current_first() {
    old_ca
    cat "$old.crt" >>pki/ca.crt
}

defect two-cas-old-first '`ca.crt` holds an old CA and then the current one'
fails pair:ca "${signed_by_kubernetes[@]}" "${trust_of_kubeconfigs[@]}"
shows pki/ca.crt 'END CERTIFICATE-----\n-----BEGIN CERTIFICATE.*Not After : Mar  1 00:00:00 2030'
defect_two_cas_old_first() {
    old_ca
    rewrite pki/ca.crt cat "$old.crt" pki/ca.crt
}

defect same-ca-twice '`ca.crt` holds the same certificate twice'
shows pki/ca.crt '^(-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n)\1'
defect_same_ca_twice() {
    rewrite pki/ca.crt cat pki/ca.crt pki/ca.crt
}

defect second-block-broken 'the second CERTIFICATE block of `ca.crt` is no certificate'
shows pki/ca.crt '-----BEGIN CERTIFICATE-----\ndGhpcyBpcyBub3Qg'
defect_second_block_broken() {
    echo 'this is not a certificate' | as_pem CERTIFICATE >>pki/ca.crt
}

defect key-in-certificate-file '`ca.crt` holds the certificate and then its private key'
shows pki/ca.crt 'END CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY'
defect_key_in_certificate_file() {
    cat pki/ca.key >>pki/ca.crt
}

defect key-first-in-certificate-file '`ca.crt` holds the private key and then its certificate'
shows pki/ca.crt 'END EC PRIVATE KEY-----\n-----BEGIN CERTIFICATE'
defect_key_first_in_certificate_file() {
    rewrite pki/ca.crt cat pki/ca.key pki/ca.crt
}

defect certificate-in-key-file '`ca.key` holds the certificate and then the key'
shows pki/ca.key 'END CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY'
defect_certificate_in_key_file() {
    rewrite pki/ca.key cat pki/ca.crt pki/ca.key
}

defect ec-parameters-first '`ca.key` begins with an EC PARAMETERS block, as `openssl ecparam -genkey` writes it'
shows pki/ca.key '^-----BEGIN EC PARAMETERS-----[^-]*-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY'
defect_ec_parameters_first() {
    openssl ecparam -name prime256v1 -out "$scratch/parameters"
    rewrite pki/ca.key cat "$scratch/parameters" pki/ca.key
}

defect two-keys '`ca.key` holds the right key and then another one'
shows pki/ca.key 'END EC PRIVATE KEY-----\n-----BEGIN EC PRIVATE KEY'
defect_two_keys() {
    another_key prime256v1
    cat "$another" >>pki/ca.key
}

defect two-keys-wrong-first '`ca.key` holds another key and then the right one'
fails pair:ca
shows pki/ca.key 'END EC PRIVATE KEY-----\n-----BEGIN EC PRIVATE KEY'
defect_two_keys_wrong_first() {
    another_key prime256v1
    rewrite pki/ca.key cat "$another" pki/ca.key
}

# ---- text around and inside the blocks ------------------------------------

defect crlf '`ca.crt` and `ca.key` have the line ends of Windows'
shows pki/ca.crt 'BEGIN CERTIFICATE-----\r\n'
defect_crlf() {
    sed -i 's/$/\r/' pki/ca.crt pki/ca.key
}

defect bom '`ca.crt` and `ca.key` begin with a UTF-8 byte order mark'
shows pki/ca.key '^\xef\xbb\xbf-----BEGIN EC PRIVATE KEY'
defect_bom() {
    sed -i '1s/^/\xef\xbb\xbf/' pki/ca.crt pki/ca.key
}

defect preamble '`ca.crt` begins with the text of `openssl x509 -text`'
shows pki/ca.crt '^Certificate:\n'
defect_preamble() {
    rewrite pki/ca.crt openssl x509 -in pki/ca.crt -text
}

defect trailing-garbage 'a line that belongs to no block follows the certificate in `ca.crt`'
shows pki/ca.crt 'END CERTIFICATE-----\ncopied from'
defect_trailing_garbage() {
    echo 'copied from cp-1 by hand' >>pki/ca.crt
}

defect missing-final-newline 'the last line of `ca.crt` has no end'
shows pki/ca.crt 'END CERTIFICATE-----Certificate:'
defect_missing_final_newline() {
    rewrite pki/ca.crt head -c -1 pki/ca.crt
}

defect indented-pem 'every line of `ca.crt` is indented by two blanks'
fails certificate:ca
shows pki/ca.crt '^  -----BEGIN CERTIFICATE'
defect_indented_pem() {
    sed -i 's/^/  /' pki/ca.crt
}

defect bad-base64 'a line of `ca.crt` has characters that are not base64'
fails certificate:ca
shows pki/ca.crt '\n!\*\?%'
defect_bad_base64() {
    sed -i '3s/^..../!*?%/' pki/ca.crt
}

defect bad-end-label 'the block of `ca.crt` ends with the label X509 CERTIFICATE'
fails certificate:ca
shows pki/ca.crt 'END X509 CERTIFICATE'
defect_bad_end_label() {
    sed -i 's/-----END CERTIFICATE-----/-----END X509 CERTIFICATE-----/' pki/ca.crt
}

# ---- other forms of a certificate -----------------------------------------

defect trusted-certificate-label 'the label in `ca.crt` is TRUSTED CERTIFICATE; the block has nothing more'
shows pki/ca.crt 'BEGIN TRUSTED CERTIFICATE(?!.*Trusted Uses)'
defect_trusted_certificate_label() {
    rewrite pki/ca.crt openssl x509 -in pki/ca.crt -trustout
}

defect trusted-certificate-with-aux 'the label in `ca.crt` is TRUSTED CERTIFICATE; trust settings of OpenSSL follow the certificate'
shows pki/ca.crt 'BEGIN TRUSTED CERTIFICATE.*Trusted Uses'
defect_trusted_certificate_with_aux() {
    rewrite pki/ca.crt openssl x509 -in pki/ca.crt -trustout -addtrust serverAuth
}

defect x509-certificate-label 'the label in `ca.crt` is X509 CERTIFICATE'
shows pki/ca.crt 'BEGIN X509 CERTIFICATE.*END X509 CERTIFICATE'
defect_x509_certificate_label() {
    sed -i 's/ CERTIFICATE-----/ X509 CERTIFICATE-----/' pki/ca.crt
}

defect der-certificate '`ca.crt` is DER'
shows pki/ca.crt '^\x30\x82'
defect_der_certificate() {
    rewrite pki/ca.crt openssl x509 -in pki/ca.crt -outform der
}

defect request-in-place-of-certificate '`ca.crt` holds a certificate request'
fails certificate:ca
shows pki/ca.crt '^-----BEGIN CERTIFICATE REQUEST'
defect_request_in_place_of_certificate() {
    rewrite pki/ca.crt request pki/ca.key /CN=kubernetes
}

defect empty-certificate '`ca.crt` is empty'
fails certificate:ca
defect_empty_certificate() {
    : >pki/ca.crt
}

defect truncated-certificate '`ca.crt` breaks off in the middle of its block'
fails certificate:ca
shows pki/ca.crt '^-----BEGIN CERTIFICATE-----[^-]*$'
defect_truncated_certificate() {
    rewrite pki/ca.crt head -c 300 pki/ca.crt
}

defect truncated-der 'the block in `ca.crt` is whole, the certificate in it breaks off'
fails certificate:ca
shows pki/ca.crt '^-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n$'
defect_truncated_der() {
    openssl x509 -in pki/ca.crt -outform der -out "$scratch/ca.der"
    head -c 300 "$scratch/ca.der" | as_pem CERTIFICATE >pki/ca.crt
}

# ---- other forms of a key -------------------------------------------------

passphrase='protects nothing'

defect pkcs8-key '`ca.key` is PKCS#8'
shows pki/ca.key '^-----BEGIN PRIVATE KEY'
defect_pkcs8_key() {
    rewrite pki/ca.key openssl pkcs8 -topk8 -nocrypt -in pki/ca.key
}

defect der-key '`ca.key` is DER (SEC1)'
shows pki/ca.key '^\x30\x77\x02\x01\x01'
defect_der_key() {
    rewrite pki/ca.key openssl ec -in pki/ca.key -outform der
}

defect encrypted-pkcs8-key '`ca.key` is encrypted PKCS#8 (PBES2, AES-256); the passphrase is `protects nothing`'
fails key:ca
shows pki/ca.key '^-----BEGIN ENCRYPTED PRIVATE KEY'
defect_encrypted_pkcs8_key() {
    rewrite pki/ca.key openssl pkcs8 -topk8 -v2 aes-256-cbc -in pki/ca.key \
        -passout "pass:$passphrase"
}

defect encrypted-pkcs8-scrypt-key '`ca.key` is encrypted PKCS#8 (PBES2 with scrypt); the passphrase is `protects nothing`'
fails key:ca
shows pki/ca.key '^-----BEGIN ENCRYPTED PRIVATE KEY'
defect_encrypted_pkcs8_scrypt_key() {
    rewrite pki/ca.key openssl pkcs8 -topk8 -scrypt -in pki/ca.key -passout "pass:$passphrase"
}

defect encrypted-pkcs12-scheme-key '`ca.key` is encrypted PKCS#8 by the scheme of PKCS#12 with triple DES, which is not read; the passphrase is `protects nothing`'
fails key:ca
shows pki/ca.key '^-----BEGIN ENCRYPTED PRIVATE KEY'
defect_encrypted_pkcs12_scheme_key() {
    rewrite pki/ca.key openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -in pki/ca.key \
        -passout "pass:$passphrase"
}

defect encrypted-aria-key '`ca.key` is encrypted PKCS#8 (PBES2, ARIA-256), which is not read; the passphrase is `protects nothing`'
fails key:ca
shows pki/ca.key '^-----BEGIN ENCRYPTED PRIVATE KEY'
defect_encrypted_aria_key() {
    rewrite pki/ca.key openssl pkcs8 -topk8 -v2 aria256 -in pki/ca.key \
        -passout "pass:$passphrase"
}

defect encrypted-traditional-key '`ca.key` (RSA-2048) is encrypted in the traditional way (`Proc-Type: 4,ENCRYPTED`, AES-128); the passphrase is `protects nothing`'
fails key:ca
shows pki/ca.key '^-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED'
defect_encrypted_traditional_key() {
    kubernetes_ca rsa-2048
    rewrite pki/ca.key openssl rsa -traditional -aes128 -in pki/ca.key -passout "pass:$passphrase"
}

defect empty-key '`ca.key` is empty'
fails key:ca
defect_empty_key() {
    : >pki/ca.key
}

defect garbage-key 'the EC PRIVATE KEY block in `ca.key` holds no key'
fails key:ca
shows pki/ca.key '^-----BEGIN EC PRIVATE KEY-----\ndGhpcyBpcyBub3Qg'
defect_garbage_key() {
    echo 'this is not a private key' | as_pem 'EC PRIVATE KEY' >pki/ca.key
}

defect pkcs8-under-rsa-label '`ca.key` (RSA-2048) is PKCS#8 under the label RSA PRIVATE KEY'
shows pki/ca.key '^-----BEGIN RSA PRIVATE KEY-----\nMIIE[\w+/]{2}IBADANBgkqhkiG9w0BAQEF'
defect_pkcs8_under_rsa_label() {
    kubernetes_ca rsa-2048
    openssl pkcs8 -topk8 -nocrypt -in pki/ca.key -outform der -out "$scratch/ca.der"
    as_pem 'RSA PRIVATE KEY' <"$scratch/ca.der" >pki/ca.key
}

defect pkcs1-under-pkcs8-label '`ca.key` (RSA-2048) is PKCS#1 under the label PRIVATE KEY'
shows pki/ca.key '^-----BEGIN PRIVATE KEY-----\nMIIE[\w+/]{2}IBAAKCAQEA'
defect_pkcs1_under_pkcs8_label() {
    kubernetes_ca rsa-2048
    openssl rsa -traditional -in pki/ca.key -outform der -out "$scratch/ca.der"
    as_pem 'PRIVATE KEY' <"$scratch/ca.der" >pki/ca.key
}

defect sec1-without-public-key '`ca.key` leaves out the public key, which SEC1 allows'
shows pki/ca.key '^-----BEGIN EC PRIVATE KEY-----\nMDECAQEE'
defect_sec1_without_public_key() {
    rewrite pki/ca.key openssl ec -in pki/ca.key -no_public
}

defect inconsistent-rsa-key '`ca.key` (RSA-2048): the private exponent does not fit the modulus, which is the right one'
fails key:ca
shows pki/ca.key '^-----BEGIN RSA PRIVATE KEY-----\nMIIE'
defect_inconsistent_rsa_key() {
    kubernetes_ca rsa-2048
    openssl rsa -traditional -in pki/ca.key -outform der -out "$scratch/ca.der"
    python3 "$helpers/der.py" change-private-exponent "$scratch/ca.der" \
        | as_pem 'RSA PRIVATE KEY' >pki/ca.key
}
