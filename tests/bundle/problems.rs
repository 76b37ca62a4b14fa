use std::fmt::Write;

use talos_pki::talos::Bundle;

use crate::known_cluster::{base64, bundle, fixture, secrets};

/// Everything that is said about a bundle that cannot be used.
fn problems(text: &str) -> Vec<String> {
    let problems = Bundle::read(text.as_bytes()).expect_err("it can be used");
    problems.iter().map(ToString::to_string).collect()
}

/// The known bundle with one text in place of another.
fn bundle_with(known: &str, other: &str) -> String {
    let text = bundle().to_secret_yaml().expose().clone();
    assert!(text.contains(known), "{known}");
    text.replacen(known, other, 1)
}

/// The known bundle with another PEM in place of a file of the fixture.
fn bundle_with_pem(name: &str, pem: &str) -> String {
    bundle_with(&base64(&fixture(name)), &base64(pem))
}

#[test]
fn missing_sections_are_told_in_the_words_of_talos() {
    assert_eq!(
        problems("cluster: {}\nsecrets: {}\ntrustdinfo:\ncerts: {os: {crt: ''}}\n"),
        [
            "cluster.id is required",
            "cluster.secret is required",
            "secrets.bootstraptoken is required",
            "one of [secrets.secretboxencryptionsecret, secrets.aescbcencryptionsecret] is required",
            "trustdinfo is required",
            "certs.etcd is required",
            "certs.k8s is required",
            "certs.k8saggregator is required",
            "certs.k8sserviceaccount is required",
            "certs.os.crt is required",
            "certs.os.key is required",
        ]
    );
    assert_eq!(
        problems("a: 1"),
        [
            "cluster is required",
            "secrets is required",
            "trustdinfo is required",
            "certs is required"
        ]
    );
}

#[test]
fn a_bundle_has_one_encryption_secret() {
    let text = bundle_with(
        "    secretbox",
        "    aescbcencryptionsecret: eA==\n    secretbox",
    );
    assert_eq!(
        problems(&text),
        [
            "only one of [secrets.secretboxencryptionsecret, secrets.aescbcencryptionsecret] is \
          allowed"
        ]
    );
}

#[test]
fn what_is_no_bundle_is_refused() {
    for text in ["", "# nothing\n", "null", "~", "---\n"] {
        assert_eq!(problems(text), ["it is empty"], "{text:?}");
    }
    for text in ["[]", "text", "5"] {
        let expected =
            "it is not a secrets bundle, which has cluster, secrets, trustdinfo and certs";
        assert_eq!(problems(text), [expected], "{text:?}");
    }
}

#[test]
fn a_syntax_error_is_told_by_its_place() {
    let text = bundle_with("trustdinfo:", "trustdinfo: \"open");
    let problems = problems(&text);
    assert!(
        problems[0].starts_with("it is not plain YAML (line "),
        "{problems:?}"
    );
    assert_eq!(problems.len(), 1);
}

#[test]
fn a_name_that_stands_twice_is_refused() {
    let text = bundle_with("    token:", "    token: other\n    token:");
    assert_eq!(problems(&text), ["trustdinfo.token stands there twice"]);
    let text = bundle_with("    token:", "    Token: other\n    token:");
    assert_eq!(problems(&text), ["trustdinfo.token stands there twice"]);
}

#[test]
fn values_of_the_wrong_kind_are_told_by_their_field() {
    let text = bundle_with("    token: ", "    token: [1, 2]\n    ignored: ");
    assert_eq!(problems(&text), ["trustdinfo.token is not a text"]);
    let text = bundle_with("cluster:\n", "cluster: 7\nignored:\n");
    assert_eq!(problems(&text), ["cluster is not a mapping"]);
}

#[test]
fn unusable_pem_is_told_by_its_field() {
    let encoded = base64(&fixture("ca.key"));
    for (text, expected) in [
        (
            bundle_with(&encoded, "x"),
            "certs.k8s.key is invalid: it is not base64",
        ),
        (
            bundle_with(&encoded, "'******'"),
            "certs.k8s.key is invalid: it was redacted (`******`)",
        ),
        (
            bundle_with_pem("ca.key", "no key"),
            "certs.k8s.key is invalid: there is no PEM block in it",
        ),
        (
            bundle_with_pem("ca.key", &fixture("etcd/ca.key")),
            "certs.k8s is invalid: the private key does not belong to the certificate",
        ),
        (
            bundle_with_pem("ca.key", &fixture("sa.pub")),
            "certs.k8s.key is invalid: it is a public key",
        ),
        (
            bundle_with_pem(
                "ca.key",
                &fixture("ca.key").replace("EC PRIVATE", "RSA PRIVATE"),
            ),
            "certs.k8s.key is invalid: its PEM label is not the one for the key in it",
        ),
        (
            bundle_with_pem("etcd/ca.crt", &fixture("ca.crt").repeat(2)),
            "certs.etcd.crt holds 2 PEM blocks, and only one can be kept",
        ),
    ] {
        assert_eq!(problems(&text), [expected]);
    }
    let text = bundle_with_pem("front-proxy-ca.crt", &fixture("ca.key"));
    let problems = problems(&text);
    assert!(
        problems[0].starts_with("certs.k8saggregator.crt is invalid: "),
        "{problems:?}"
    );
}

#[test]
fn aliases_do_not_fill_the_memory() {
    let mut text = format!("a0: &a0 {}\n", "x".repeat(1000));
    for level in 1..30 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        writeln!(text, "a{level}: &a{level} [{before}]").unwrap();
    }
    let expected = "its aliases (`*name`) make more of it than stands in it";
    assert_eq!(problems(&text), [expected]);
    let long = format!(
        "a: &a {}\nb: [{}]\n",
        "1".repeat(10_000),
        "*a, ".repeat(10_000)
    );
    assert_eq!(problems(&long), [expected]);
}

#[test]
fn what_is_made_to_keep_the_reader_busy_is_refused() {
    assert_eq!(
        problems(&"[".repeat(1 << 20)),
        ["it has too many open brackets"]
    );
    let directives = "%TAG !a! a\n".repeat(50_000);
    assert_eq!(problems(&directives), ["it has too many directives (`%`)"]);
    let problems = problems(&"- ".repeat(1 << 19));
    assert!(
        problems[0].starts_with("it is not plain YAML"),
        "{problems:?}"
    );
}

#[test]
fn an_alias_is_as_good_as_what_it_stands_for() {
    let text = bundle_with("    token: ", "    token: &token ");
    let text = text.replacen(
        "    bootstraptoken: ",
        "    bootstraptoken: *token\n    was: ",
        1,
    );
    // The alias stands before its anchor.
    assert!(problems(&text)[0].starts_with("it is not plain YAML"));
    let text = bundle_with("    bootstraptoken: ", "    bootstraptoken: &token ");
    let text = text.replacen("    token: ", "    token: *token\n    was: ", 1);
    let read = Bundle::read(text.as_bytes()).unwrap();
    assert_eq!(read.trustd_token.expose(), read.bootstrap_token.expose());
}

#[test]
fn no_problem_shows_a_secret() {
    let good = bundle().to_secret_yaml().expose().clone();
    let lines: Vec<&str> = good.lines().collect();
    let mut files = vec![bundle().to_secret_json().expose().replacen(':', "", 1)];
    for (index, line) in lines.iter().enumerate() {
        for damaged in [
            line.replacen(": ", ":", 1),
            line.replacen(": ", ": [", 1),
            line.replacen(": ", ": !tag ", 1),
            line.replacen(": ", ": *", 1),
            line.replacen(": ", ": - ", 1),
            line.replacen(": ", ": \"", 1),
            line.replacen(": ", ": x", 1),
            line.replacen(": ", ": {a: ", 1) + "}",
            format!(" {line}"),
            format!("{line}\n{line}"),
            format!("{line}\n\t{line}"),
        ] {
            let mut file = lines.clone();
            file[index] = &damaged;
            files.push(file.join("\n"));
        }
    }
    let secrets = secrets();
    let mut refused = 0;
    for file in files {
        let Err(problems) = Bundle::read(file.as_bytes()) else {
            continue;
        };
        refused += 1;
        let told = format!("{problems:?} {}", problems[0]);
        let shown = secrets.iter().find(|secret| told.contains(secret.as_str()));
        assert_eq!(shown, None, "{told}");
    }
    assert!(refused > 100, "{refused}");
}
