use talos_pki::cluster::CaSlot;

use crate::known_cluster::{
    BOOTSTRAP_TOKEN, CLUSTER_ID, CLUSTER_SECRET, ENCRYPTION_SECRET, TRUSTD_TOKEN, base64, bundle,
    fixture, secrets,
};
use crate::known_configs::{
    beyond, exposed, material, new_configuration, old_configuration, read, refusal, with,
};

#[test]
fn both_generations_give_the_whole_bundle() {
    let expected = bundle();
    for text in [old_configuration(), new_configuration()] {
        let cluster = read(&text).unwrap();
        for slot in CaSlot::ALL {
            let authority = cluster.authority(slot).unwrap();
            let certificate = &authority.certificate.chosen.as_ref().unwrap().value;
            let key = &authority.key.chosen.as_ref().unwrap().value;
            let wanted = expected.authority(slot);
            assert_eq!(certificate.der(), wanted.certificate().der(), "{slot}");
            assert_eq!(key.der().expose(), wanted.key().der().expose(), "{slot}");
        }
        let account = cluster
            .service_account
            .as_ref()
            .unwrap()
            .key
            .chosen
            .as_ref()
            .unwrap();
        assert_eq!(
            account.value.der().expose(),
            expected.service_account.der().expose()
        );
        assert_eq!(cluster.counts.certificates_and_keys, 9);
        let talos = cluster.talos.unwrap();
        assert_eq!(talos.cluster_id.as_deref(), Some(CLUSTER_ID));
        assert_eq!(exposed(talos.cluster_secret.as_ref()), Some(CLUSTER_SECRET));
        assert_eq!(exposed(talos.trustd_token.as_ref()), Some(TRUSTD_TOKEN));
        assert_eq!(
            exposed(talos.bootstrap_token.as_ref()),
            Some(BOOTSTRAP_TOKEN)
        );
        assert_eq!(
            exposed(talos.secretbox_secret.as_ref()),
            Some(ENCRYPTION_SECRET)
        );
        assert_eq!(exposed(talos.aescbc_secret.as_ref()), None);
        assert_eq!(talos.beyond_bundle, []);
    }
}

#[test]
fn each_piece_knows_its_field() {
    let origins = |text: &str| {
        let cluster = read(text).unwrap();
        let authority = cluster.authority(CaSlot::Kubernetes).unwrap();
        let certificate = authority
            .certificate
            .chosen
            .as_ref()
            .unwrap()
            .origin
            .to_string();
        (
            certificate,
            authority.key.chosen.as_ref().unwrap().origin.to_string(),
        )
    };
    assert_eq!(
        origins(&old_configuration()),
        (
            "controlplane.yaml: cluster.ca.crt".to_owned(),
            "controlplane.yaml: cluster.ca.key".to_owned()
        )
    );
    assert_eq!(
        origins(&new_configuration()),
        (
            "controlplane.yaml: KubeAPIServerCAConfig.issuingCA.cert".to_owned(),
            "controlplane.yaml: KubeAPIServerCAConfig.issuingCA.key".to_owned()
        )
    );
}

#[test]
fn a_piece_that_cannot_be_read_is_left_for_the_rules() {
    let text = with(
        &old_configuration(),
        &base64(&fixture("ca.key")),
        &base64("no key"),
    );
    let cluster = read(&text).unwrap();
    let key = &cluster.authority(CaSlot::Kubernetes).unwrap().key;
    assert!(key.chosen.is_none());
    assert_eq!(
        key.failures[0].origin.to_string(),
        "controlplane.yaml: cluster.ca.key"
    );
    assert_eq!(key.failures[0].reason, "it holds no private key");
}

#[test]
fn a_token_of_digits_stays_a_text() {
    let text = with(
        &old_configuration(),
        BOOTSTRAP_TOKEN,
        "123456.7890123456789012",
    );
    assert_eq!(
        exposed(material(&text).bootstrap_token.as_ref()),
        Some("123456.7890123456789012")
    );
}

#[test]
fn another_file_is_told_by_what_it_is() {
    let not_whole = "`controlplane.yaml` is not a whole Talos machine configuration, which has \
                     `machine` and `cluster`; give the cluster's controlplane.yaml";
    let bundle = bundle().to_secret_yaml().expose().clone();
    for text in [
        "",
        "null",
        "[]",
        "5",
        "a: b",
        "machine: {}",
        "machine: {}\ncluster: {}",
        &bundle,
    ] {
        assert_eq!(refusal(text), not_whole, "{text}");
    }
    for (kind, expected) in [
        (
            "worker",
            "`controlplane.yaml` is the configuration of a worker, which has no private keys; give \
             the cluster's controlplane.yaml",
        ),
        (
            "wheel",
            "`controlplane.yaml` is for an unknown kind of machine: its `machine.type` is not \
             `controlplane`",
        ),
    ] {
        for text in [old_configuration(), new_configuration()] {
            let text = with(&text, "type: controlplane", &format!("type: {kind}"));
            assert_eq!(refusal(&text), expected);
        }
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    assert_eq!(
        refusal(
            "machine: {type: controlplane, ca: {crt: '%'}}\ncluster: {token: [], ca: {key: []}}"
        ),
        "`controlplane.yaml` cannot be used: \
         `cluster.ca.key` is not a text; \
         `machine.ca.crt` is invalid: it is not base64; \
         `cluster.token` is not a text"
    );
}

#[test]
fn what_is_missing_is_left_for_the_rules() {
    let old = read("machine: {type: controlplane}\ncluster: {ca: {crt: ''}}").unwrap();
    let new =
        read("machine: {type: controlplane}\ncluster: {}\n---\nkind: KubeNetworkConfig").unwrap();
    for (cluster, certificate, key) in [
        (old, "cluster.ca.crt", "cluster.serviceAccount.key"),
        (
            new,
            "KubeAPIServerCAConfig.issuingCA.cert",
            "KubeServiceAccountConfig.issuer.privateKey",
        ),
    ] {
        let authority = cluster.authority(CaSlot::Kubernetes).unwrap();
        assert!(authority.certificate.is_absent());
        assert_eq!(authority.certificate.file.as_deref(), Some(certificate));
        let account = cluster.service_account.unwrap();
        assert_eq!(account.key.file.as_deref(), Some(key));
    }
}

#[test]
fn a_field_in_both_generations_is_refused_as_talos_does() {
    let identity = "---\nkind: DiscoveryIdentityConfig\nclusterID: other\n";
    assert_eq!(
        refusal(&(old_configuration() + identity)),
        "`controlplane.yaml` cannot be used: both `cluster.id` and \
         `DiscoveryIdentityConfig.clusterID` are there"
    );
}

#[test]
fn a_redacted_configuration_is_refused() {
    let text = with(&new_configuration(), TRUSTD_TOKEN, "'******'");
    assert_eq!(
        refusal(&text),
        "`controlplane.yaml` was redacted, as in what `talosctl support` collects: \
         `machine.token` is `******`; give the original controlplane.yaml"
    );
}

#[test]
fn what_a_bundle_cannot_hold_is_told() {
    let text = new_configuration()
        + "---\nkind: KubeAPIServerConfig\nextraArgs: {service-account-issuer: https://old}\n";
    let text = with(
        &text,
        "    token: uvw",
        "    acceptedCAs: [{crt: a}]\n    token: uvw",
    );
    let known = "kind: KubeAPIServerCAConfig\n";
    let text = with(&text, known, &format!("{known}acceptedCAs: [a, b]\n"));
    let known = "kind: KubeAggregatorCAConfig\n";
    let text = with(&text, known, &format!("{known}acceptedCAs: [a]\n"));
    let known = "    issuerURL: https://10.0.0.1:6443\n";
    let other = "    issuerURL: https://other\naccepted:\n    publicKeys: [a, b]\n    issuers: [https://old]\n    audiences: [api]\n";
    let text = with(&text, known, other);
    let owned = |place: &str, what: &str| (place.to_owned(), what.to_owned());
    assert_eq!(
        beyond(&text),
        [
            owned("machine.acceptedCAs", "1 accepted Talos CA"),
            owned(
                "KubeAPIServerCAConfig.acceptedCAs",
                "2 accepted Kubernetes CAs"
            ),
            owned(
                "KubeAggregatorCAConfig.acceptedCAs",
                "1 accepted aggregator CA"
            ),
            owned(
                "KubeServiceAccountConfig.accepted.publicKeys",
                "2 accepted service-account keys"
            ),
            owned(
                "KubeServiceAccountConfig.accepted.issuers",
                "1 accepted service-account issuer"
            ),
            owned(
                "KubeServiceAccountConfig.accepted.audiences",
                "1 accepted service-account audience"
            ),
            owned(
                "KubeAPIServerConfig.extraArgs.service-account-issuer",
                "an issuer of service-account tokens by flag"
            ),
            owned(
                "KubeServiceAccountConfig.issuer.issuerURL",
                "an issuer of service-account tokens that is not the cluster's endpoint"
            ),
        ]
    );
}

#[test]
fn no_refusal_shows_a_secret() {
    let secrets = secrets();
    for good in [old_configuration(), new_configuration()] {
        let lines: Vec<&str> = good.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            for damaged in [
                line.replacen(": ", ": [", 1),
                line.replacen(": ", ": {a: ", 1) + "}",
                line.replacen(": ", ": !tag ", 1),
                line.replacen(": ", ": \"", 1),
                format!("{line}\n{line}"),
                format!("\t{line}"),
                String::new(),
            ] {
                let mut file = lines.clone();
                file[index] = &damaged;
                let Err(error) = read(&file.join("\n")) else {
                    continue;
                };
                let told = format!("{error} {error:?}");
                let shown = secrets.iter().find(|secret| told.contains(secret.as_str()));
                assert_eq!(shown, None, "{told}");
            }
        }
    }
}
