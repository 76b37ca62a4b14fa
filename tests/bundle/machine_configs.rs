use std::fmt::Write;

use talos_pki::cluster::{BeyondBundle, CaSlot, Cluster, TalosMaterial};
use talos_pki::layout::talos::{self, TalosConfigError};
use talos_pki::source::SourceFile;
use zeroize::Zeroizing;

use crate::known_cluster::{
    BOOTSTRAP_TOKEN, CLUSTER_ID, CLUSTER_SECRET, ENCRYPTION_SECRET, TRUSTD_TOKEN, base64, bundle,
    fixture, secrets,
};

fn read(text: &str) -> Result<Cluster, TalosConfigError> {
    let bytes = Zeroizing::new(text.as_bytes().to_vec());
    talos::read(&SourceFile {
        path: "controlplane.yaml".to_owned(),
        bytes,
        mode: Some(0o600),
    })
}

fn refusal(text: &str) -> String {
    read(text).expect_err("it can be used").to_string()
}

/// What Talos up to 1.13 writes, as far as it matters.
fn old_configuration() -> String {
    let file = |name| base64(&fixture(name));
    format!(
        "version: v1alpha1
{machine}cluster:
    id: {CLUSTER_ID}
    secret: {CLUSTER_SECRET}
    controlPlane:
        endpoint: https://10.0.0.1:6443
    token: {BOOTSTRAP_TOKEN}
    secretboxEncryptionSecret: {ENCRYPTION_SECRET}
    ca:
        crt: {}
        key: {}
    aggregatorCA:
        crt: {}
        key: {}
    serviceAccount:
        key: {}
    etcd:
        ca:
            crt: {}
            key: {}
---
apiVersion: v1alpha1
kind: HostnameConfig
auto: stable
",
        file("ca.crt"),
        file("ca.key"),
        file("front-proxy-ca.crt"),
        file("front-proxy-ca.key"),
        file("sa.key"),
        file("etcd/ca.crt"),
        file("etcd/ca.key"),
        machine = machine(),
    )
}

/// What Talos 1.14 writes, as far as it matters.
fn new_configuration() -> String {
    let block = |name, indent: usize| {
        let lines = fixture(name);
        lines.lines().fold("|\n".to_owned(), |mut block, line| {
            writeln!(block, "{:indent$}{line}", "").unwrap();
            block
        })
    };
    format!(
        "version: v1alpha1
{machine}cluster:
    token: {BOOTSTRAP_TOKEN}
    etcd:
        ca:
            crt: {}
            key: {}
---
apiVersion: v1alpha1
kind: DiscoveryIdentityConfig
clusterID: {CLUSTER_ID}
clusterSecret: {CLUSTER_SECRET}
---
apiVersion: v1alpha1
kind: KubeClusterConfig
clusterName: prod
endpoint: https://10.0.0.1:6443
---
apiVersion: v1alpha1
kind: KubeAPIServerCAConfig
issuingCA:
    cert: {}    key: {}---
apiVersion: v1alpha1
kind: KubeAggregatorCAConfig
issuingCA:
    cert: {}    key: {}---
apiVersion: v1alpha1
kind: KubeEtcdEncryptionConfig
config:
    resources:
        - providers:
            - secretbox:
                keys:
                    - name: key2
                      secret: {ENCRYPTION_SECRET}
          resources:
            - secrets
---
apiVersion: v1alpha1
kind: KubeServiceAccountConfig
issuer:
    privateKey: {}    issuerURL: https://10.0.0.1:6443
",
        base64(&fixture("etcd/ca.crt")),
        base64(&fixture("etcd/ca.key")),
        block("ca.crt", 8),
        block("ca.key", 8),
        block("front-proxy-ca.crt", 8),
        block("front-proxy-ca.key", 8),
        block("sa.key", 8),
        machine = machine(),
    )
}

fn machine() -> String {
    let os = bundle().os;
    format!(
        "machine:
    type: controlplane
    token: {TRUSTD_TOKEN}
    ca:
        crt: {}
        key: {}
",
        base64(&os.certificate().to_pem()),
        base64(os.key().to_secret_pem().expose()),
    )
}

fn with(configuration: &str, known: &str, other: &str) -> String {
    assert!(configuration.contains(known), "{known}");
    configuration.replacen(known, other, 1)
}

fn material(text: &str) -> TalosMaterial {
    let cluster = read(text).unwrap_or_else(|error| panic!("{error}"));
    cluster
        .talos
        .expect("a Talos configuration has its material")
}

fn beyond(text: &str) -> Vec<(String, String)> {
    let beyond = material(text).beyond_bundle.into_iter();
    beyond
        .map(|BeyondBundle { place, what }| (place, what))
        .collect()
}

fn exposed(secret: Option<&talos_pki::pki::Secret<String>>) -> Option<&str> {
    secret.map(|secret| secret.expose().as_str())
}

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
fn everything_that_is_missing_is_told_at_once() {
    assert_eq!(
        refusal("machine: {type: controlplane, ca: {crt: '%'}}\ncluster: {token: [], ca: {}}"),
        "`controlplane.yaml` cannot be used: \
         `cluster.ca.crt` (or `KubeAPIServerCAConfig.issuingCA.cert`) is missing; \
         `cluster.ca.key` (or `KubeAPIServerCAConfig.issuingCA.key`) is missing; \
         `cluster.etcd.ca.crt` is missing; \
         `cluster.etcd.ca.key` is missing; \
         `cluster.aggregatorCA.crt` (or `KubeAggregatorCAConfig.issuingCA.cert`) is missing; \
         `cluster.aggregatorCA.key` (or `KubeAggregatorCAConfig.issuingCA.key`) is missing; \
         `machine.ca.crt` is invalid: it is not base64; \
         `machine.ca.key` is missing; \
         `cluster.serviceAccount.key` (or `KubeServiceAccountConfig.issuer.privateKey`) is \
         missing; `cluster.token` is not a text"
    );
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
    let accepted = "
acceptedCAs:
    - a
    - b
---
kind: KubeAPIServerConfig
extraArgs:
    service-account-issuer: https://old
";
    let text = with(
        &new_configuration(),
        "\n---\napiVersion: v1alpha1\nkind: KubeAgg",
        accepted,
    )
    .replace("extraArgs:\n", "extraArgs:\n")
    .replacen(
        "    service-account-issuer: https://old\n",
        "    service-account-issuer: https://old\n---\nkind: KubeAgg",
        1,
    );
    let text = with(
        &text,
        "    token: uvw",
        "    acceptedCAs: [{crt: a}]\n    token: uvw",
    );
    let text = with(
        &text,
        "issuerURL: https://10.0.0.1:6443\n",
        "issuerURL: https://other
accepted:
    publicKeys: [a, b]
    issuers: [https://old]
    audiences: [api]
",
    );
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
fn of_two_encryption_secrets_the_one_that_writes_goes_into_the_bundle() {
    let known = "    secretboxEncryptionSecret: ";
    let both = with(
        &old_configuration(),
        known,
        &format!("    aescbcEncryptionSecret: b2xk\n{known}"),
    );
    let talos = material(&both);
    assert_eq!(
        exposed(talos.secretbox_secret.as_ref()),
        Some(ENCRYPTION_SECRET)
    );
    assert_eq!(exposed(talos.aescbc_secret.as_ref()), None);
    assert_eq!(
        talos.beyond_bundle[0].place,
        "cluster.aescbcEncryptionSecret"
    );
    let aescbc = with(&old_configuration(), known, "    aescbcEncryptionSecret: ");
    assert_eq!(
        exposed(material(&aescbc).aescbc_secret.as_ref()),
        Some(ENCRYPTION_SECRET)
    );
}

#[test]
fn the_first_provider_for_secrets_is_the_one_that_counts() {
    let document = |resources: &str| {
        let text = new_configuration();
        let start = text.find("    resources:\n").unwrap();
        let end = start + text[start..].find("---").unwrap();
        format!(
            "{}    resources: {resources}\n{}",
            &text[..start],
            &text[end..]
        )
    };
    let place = "KubeEtcdEncryptionConfig.config.resources";
    for (resources, secretbox, aescbc, told) in [
        (
            "[{resources: [secrets], providers: [{aescbc: {keys: [{name: key1, secret: eA==}]}}]}]",
            None,
            Some("eA=="),
            vec![],
        ),
        (
            "[{resources: [configmaps], providers: [{identity: {}}]}, \
             {resources: [secrets, events], providers: \
             [{secretbox: {keys: [{name: mine, secret: eA==}, {name: b, secret: eQ==}]}}, \
             {aescbc: {keys: []}}, {identity: {}}]}]",
            Some("eA=="),
            None,
            vec![
                "[0]: encryption of other resources: configmaps",
                "[1]: encryption of resources beside Secrets: events",
                "[1].providers[0]: the name of the key, `mine`: Talos would call it `key2`",
                "[1].providers[0]: 1 key more, which read Secrets encrypted before",
                "[1].providers[1]: the provider `aescbc`",
                "[1].providers[2]: the provider `identity`, which reads Secrets that are not \
                 encrypted",
            ],
        ),
        (
            "[{resources: [secrets], providers: [{identity: {}}, {secretbox: {keys: \
             [{name: key2, secret: eA==}]}}]}]",
            None,
            None,
            vec![
                "[0].providers[0]: the provider `identity` comes first: new Secrets are not \
                 encrypted",
                "[0].providers[1]: the provider `secretbox`",
            ],
        ),
        (
            "[{resources: [secrets], providers: [{kms: {name: a}}]}]",
            None,
            None,
            vec!["[0].providers[0]: the provider `kms`"],
        ),
        ("5", None, None, vec![]),
    ] {
        let talos = material(&document(resources));
        assert_eq!(
            exposed(talos.secretbox_secret.as_ref()),
            secretbox,
            "{resources}"
        );
        assert_eq!(exposed(talos.aescbc_secret.as_ref()), aescbc, "{resources}");
        let found: Vec<String> = talos
            .beyond_bundle
            .iter()
            .map(|beyond| format!("{}: {}", beyond.place.replacen(place, "", 1), beyond.what))
            .collect();
        assert_eq!(found, told, "{resources}");
    }
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
