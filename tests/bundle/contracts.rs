use talos_pki::talos::Contract;

fn contract(text: &str) -> Contract {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn versions_are_read_as_talos_reads_them() {
    for (text, read) in [
        ("v1.7", "v1.7"),
        ("1.7", "v1.7"),
        ("v1.7.0-alpha.1", "v1.7"),
        ("1.14.1", "v1.14"),
        ("v1.99", "v1.99"),
        ("v2.0", "v2.0"),
        ("v0.14", "v0.14"),
        ("v01.02", "v1.2"),
        ("v1.7.", "v1.7"),
        ("v0.0", "v1.14"),
    ] {
        assert_eq!(contract(text).to_string(), read, "{text}");
    }
}

#[test]
fn other_texts_are_refused_with_an_example() {
    for text in [
        "",
        "v",
        "v1",
        "1",
        "latest",
        "vv1.7",
        "v1.x",
        "v1.7-rc.0",
        "v1.7 ",
        "v-1.7",
        "v1.",
    ] {
        let error = text.parse::<Contract>().unwrap_err().to_string();
        let expected =
            format!("{text:?} is not a Talos version; write it with two numbers, such as v1.14");
        assert_eq!(error, expected);
    }
}

#[test]
fn no_version_means_the_current_one() {
    assert_eq!(Contract::default(), Contract::CURRENT);
    assert_eq!(Contract::CURRENT.to_string(), "v1.14");
}

#[test]
fn a_version_answers_what_it_has() {
    for (text, secretbox, rsa, documents) in [
        ("v0.8", false, false, false),
        ("v1.2", false, false, false),
        ("v1.3", true, false, false),
        ("v1.6", true, false, false),
        ("v1.7", true, true, false),
        ("v1.13", true, true, false),
        ("v1.14", true, true, true),
        ("v2.0", true, true, true),
    ] {
        let contract = contract(text);
        assert_eq!(contract.uses_secretbox(), secretbox, "{text}");
        assert_eq!(contract.uses_rsa_service_account_key(), rsa, "{text}");
        assert_eq!(contract.kubernetes_documents(), documents, "{text}");
    }
}

#[test]
fn versions_after_1_15_are_newer_than_known() {
    assert!(!contract("v1.15").is_newer_than_known());
    assert!(contract("v1.16").is_newer_than_known());
    assert!(contract("v99999999999.1").is_newer_than_known());
}
