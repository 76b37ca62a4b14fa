use crate::known_cluster::ENCRYPTION_SECRET;
use crate::known_configs::{exposed, material, new_configuration, old_configuration, with};

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
