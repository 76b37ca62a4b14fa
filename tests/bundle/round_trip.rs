use talos_pki::cluster::CaSlot;
use talos_pki::talos::{Bundle, EncryptionSecret};

use crate::known_cluster::{
    BOOTSTRAP_TOKEN, CLUSTER_ID, CLUSTER_SECRET, ENCRYPTION_SECRET, TRUSTD_TOKEN, base64, bundle,
    fixture, secret,
};

fn yaml(bundle: &Bundle) -> String {
    bundle.to_secret_yaml().expose().clone()
}

fn json(bundle: &Bundle) -> String {
    bundle.to_secret_json().expose().clone()
}

fn read(text: &str) -> Bundle {
    Bundle::read(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

#[test]
fn yaml_has_the_order_and_indent_of_talos() {
    let bundle = bundle();
    let file = |name| base64(&fixture(name));
    let (os_crt, os_key) = (
        bundle.os.certificate().to_pem(),
        bundle.os.key().to_secret_pem(),
    );
    let expected = format!(
        "cluster:
    id: {CLUSTER_ID}
    secret: {CLUSTER_SECRET}
secrets:
    bootstraptoken: {BOOTSTRAP_TOKEN}
    secretboxencryptionsecret: {ENCRYPTION_SECRET}
trustdinfo:
    token: {TRUSTD_TOKEN}
certs:
    etcd:
        crt: {}
        key: {}
    k8s:
        crt: {}
        key: {}
    k8saggregator:
        crt: {}
        key: {}
    k8sserviceaccount:
        key: {}
    os:
        crt: {}
        key: {}
",
        file("etcd/ca.crt"),
        file("etcd/ca.key"),
        file("ca.crt"),
        file("ca.key"),
        file("front-proxy-ca.crt"),
        file("front-proxy-ca.key"),
        file("sa.key"),
        base64(&os_crt),
        base64(os_key.expose()),
    );
    assert_eq!(yaml(&bundle), expected);
}

#[test]
fn json_is_one_line_with_the_names_of_go() {
    let text = json(&bundle());
    let start = format!(
        r#"{{"Cluster":{{"Id":"{CLUSTER_ID}","Secret":"{CLUSTER_SECRET}"}},"Secrets":{{"BootstrapToken":"{BOOTSTRAP_TOKEN}","SecretboxEncryptionSecret":"{ENCRYPTION_SECRET}"}},"TrustdInfo":{{"Token":"{TRUSTD_TOKEN}"}},"Certs":{{"Etcd":{{"Crt":""#
    );
    assert!(text.starts_with(&start), "{text}");
    let mut names = ["Etcd", "K8s", "K8sAggregator", "K8sServiceAccount", "OS"].iter();
    assert!(
        names.all(|name| text.contains(&format!(r#""{name}":{{""#))),
        "{text}"
    );
    assert!(
        text.ends_with("\"}}}\n") && text.lines().count() == 1,
        "{text}"
    );
}

#[test]
fn what_was_written_is_read_back_the_same() {
    let mut bundle = bundle();
    for _ in 0..2 {
        let text = yaml(&bundle);
        assert_eq!(yaml(&read(&text)), text);
        assert_eq!(yaml(&read(&json(&bundle))), text);
        bundle.encryption = EncryptionSecret::Aescbc(secret(ENCRYPTION_SECRET));
    }
    assert!(yaml(&bundle).contains(&format!(
        "    aescbcencryptionsecret: {ENCRYPTION_SECRET}\n"
    )));
}

#[test]
fn every_slot_has_its_own_authority() {
    let bundle = read(&yaml(&bundle()));
    let subject = |slot| bundle.authority(slot).certificate().subject.to_string();
    let subjects = CaSlot::ALL.map(subject);
    assert_eq!(
        subjects,
        [
            "CN=kubernetes",
            "CN=etcd-ca",
            "CN=front-proxy-ca",
            "O=talos"
        ]
    );
}

#[test]
fn json_that_was_formatted_by_others_is_read() {
    let bundle = bundle();
    let value: serde_json::Value = serde_json::from_str(&json(&bundle)).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    assert_eq!(yaml(&read(&pretty)), yaml(&bundle));
    assert_eq!(yaml(&read(&pretty.replace("  ", "\t"))), yaml(&bundle));
}

#[test]
fn yaml_with_the_names_of_json_is_read() {
    let value: serde_json::Value = serde_json::from_str(&json(&bundle())).unwrap();
    let capitalised = serde_yaml::to_string(&value).unwrap();
    assert!(capitalised.starts_with("Cluster:\n  Id: "), "{capitalised}");
    assert_eq!(yaml(&read(&capitalised)), yaml(&bundle()));
}

#[test]
fn unknown_fields_comments_and_further_documents_are_overlooked() {
    let bundle = bundle();
    let text = format!(
        "# ours\nowner: {{a: [1, 2]}}\n{}---\n: : :\n",
        yaml(&bundle)
    );
    assert_eq!(yaml(&read(&text)), yaml(&bundle));
}

#[test]
fn a_token_of_digits_is_quoted_and_stays_a_text() {
    let mut bundle = bundle();
    bundle.bootstrap_token = secret("123456.7890123456789012");
    bundle.trustd_token = secret("000001.1000000000000000");
    let text = yaml(&bundle);
    assert!(
        text.contains("    bootstraptoken: \"123456.7890123456789012\"\n"),
        "{text}"
    );
    assert_eq!(yaml(&read(&text)), text);
    assert_eq!(yaml(&read(&text.replace('"', ""))), text);
}

#[test]
fn texts_that_need_care_survive_both_forms() {
    for text in [
        "null",
        "~",
        "1e5",
        "on",
        "0x1F",
        "2001-01-01",
        "1:30",
        " a ",
        "a: b",
        "#",
        "'",
        "\"\\",
        "a\nb\n",
        "a\r\nb",
        "<script>&",
        "\u{2028}",
        "é\t\u{7}",
        "\u{1f600}",
        "-",
        "|",
        "%",
        "=",
    ] {
        let mut bundle = bundle();
        text.clone_into(&mut bundle.cluster_id);
        bundle.cluster_secret = secret(text);
        for written in [yaml(&bundle), json(&bundle)] {
            let read = read(&written);
            assert_eq!(read.cluster_id, text, "{written}");
            assert_eq!(read.cluster_secret.expose(), text, "{written}");
        }
    }
}

#[test]
fn json_escapes_what_go_escapes() {
    let mut bundle = bundle();
    bundle.cluster_id = "<a>&\u{2028}\u{2029}\"\\\n\r\t\u{8}\u{c}\u{0}\u{1f}\u{7f}é".to_owned();
    let expected = r#""Id":"\u003ca\u003e\u0026\u2028\u2029\"\\\n\r\t\b\f\u0000\u001f"#;
    let text = json(&bundle);
    assert!(text.contains(&format!("{expected}\u{7f}é\"")), "{text}");
}

#[test]
fn certificates_and_keys_are_written_as_talos_writes_them() {
    let bundle = bundle();
    let wrapped = |text: &str| base64(&text.replace('\n', "\r\n"));
    let text = yaml(&bundle).replace(
        &base64(&fixture("ca.crt")),
        &wrapped(&format!("issued by kubeadm\n{}\nkeep\n", fixture("ca.crt"))),
    );
    assert_ne!(text, yaml(&bundle));
    assert_eq!(yaml(&read(&text)), yaml(&bundle));
}
