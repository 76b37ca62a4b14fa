# fixtures/talosconfig: a Talos CA, an administrator's key, and certificates for
# it, sound and not. Read by scripts/fixtures.

make_talosconfig() {
    local made=$scratch/talosconfig
    mkdir "$made"
    (
        cd "$made"
        log_of=talosconfig
        export CA_NAME=talos
        new_key ed25519 ca.key
        new_key ed25519 admin.key
        new_key ed25519 other.key
        talos_authority ca
        talos_authority other
        talos_authority ca ended-ca -startdate "$(time_of now - 10 years)" \
            -enddate "$(time_of now - 1 year)"
        talos_client admin /O=os:admin
        talos_client unknown-role /O=os:admin/O=os:administrator
        talos_client without-known-role /O=os:administrator
        talos_client without-role /CN=admin
        talos_client expired /O=os:admin -startdate "$(time_of now - 2 years)" \
            -enddate "$(time_of now - 1 year)"
        talos_client early /O=os:admin -startdate "$(time_of now + 5 years)" \
            -enddate "$(time_of now + 6 years)"
        talos_client ending /O=os:admin -enddate "$(time_of now + 20 days)"
        form=talos_client_and_server talos_client client-and-server /O=os:admin
        form=talos_server talos_client server /O=os:admin
        form=talos_client_and_email talos_client client-and-email /O=os:admin
        form=talos_without_usage talos_client without-usage /O=os:admin
        issuer=other talos_client of-another-ca /O=os:admin
    ) >>"$scratch/log" 2>&1
    rm -rf "$fixtures/talosconfig"
    mv "$made" "$fixtures/talosconfig"
}

# talos_authority NAME [CERTIFICATE ARGUMENT...]: CERTIFICATE.crt over NAME.key.
talos_authority() {
    issue talos_ca "$1.key" /O=talos "${2-$1}.crt" -selfsign -keyfile "$1.key" \
        -startdate "$(start_of_validity)" -enddate "$(time_of now + 10 years)" "${@:3}"
}

# talos_client NAME SUBJECT [ARGUMENT...]: NAME.crt over admin.key. $form is the
# section of openssl.cnf, $issuer the CA.
talos_client() {
    local ca=${issuer-ca}
    issue "${form-talos_client}" admin.key "$2" "$1.crt" -cert "$ca.crt" -keyfile "$ca.key" \
        -startdate "$(start_of_validity)" -enddate "$(time_of now + 1 year)" "${@:3}"
}
