//! Documentation that is made from the program is as the program makes it.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fixture::{copy_of, talos_pki};

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn printed(arguments: &[&str]) -> String {
    let output = talos_pki(arguments).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_of_rules_is_up_to_date() {
    let remedy = "talos-pki explain --markdown > docs/rules.md";
    assert_eq!(
        page("docs/rules.md"),
        printed(&["explain", "--markdown"]),
        "{remedy}"
    );
}

#[test]
fn the_schemas_are_up_to_date() {
    for report in ["scan", "convert", "config-info", "fleet"] {
        let argument = format!("--schema={report}");
        let file = format!("docs/{report}.schema.json");
        assert_eq!(
            page(&file),
            printed(&["explain", &argument]),
            "talos-pki explain {argument} > {file}"
        );
    }
    assert_eq!(
        printed(&["explain", "--schema"]),
        printed(&["explain", "--schema=scan"])
    );
}

#[test]
fn the_schema_of_validate_is_up_to_date() {
    let remedy = "talos-pki explain --schema=validate > docs/validate.schema.json";
    assert_eq!(
        page("docs/validate.schema.json"),
        printed(&["explain", "--schema=validate"]),
        "{remedy}"
    );
}

#[test]
fn every_rule_explains_itself() {
    let mut names = BTreeSet::new();
    for rule in talos_pki::check::rules() {
        assert!(names.insert(rule.name), "{} is there twice", rule.name);
        assert!(
            rule.name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        );
        for text in [rule.summary, rule.why, rule.help] {
            assert!(
                !text.is_empty() && !text.ends_with('.'),
                "{}: {text}",
                rule.name
            );
        }
        let text = printed(&["explain", rule.name]);
        assert!(text.contains(rule.name));
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }
}

#[test]
fn the_manual_page_and_the_completions_know_every_command_and_flag() {
    let manual = printed(&["man"]).replace("\\-", "-");
    for word in [
        "scan",
        "explain",
        "--from-kubernetes-pki",
        "--etcd-ca-crt",
        "--expires-within",
    ] {
        assert!(manual.contains(word), "{word} is not in the manual page");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = printed(&["completions", shell]);
        assert!(
            script.contains("from-kubernetes-pki") && script.contains("explain"),
            "{shell}"
        );
    }
}

#[test]
fn the_readme_shows_what_the_program_does() {
    let readme = page("README.md");
    let command = "cargo run --release -- gen secrets --from-kubernetes-pki \
                   fixtures/kubeadm/rsa-2048/pki --output-file -";
    let joined = readme.replace("\\\n", " ");
    let shown = joined.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        shown.contains(command),
        "the README's command is another one"
    );
    let copy = copy_of("kubeadm/rsa-2048");
    let pki = copy.path().join("pki");
    let arguments = [
        "gen",
        "secrets",
        "--from-kubernetes-pki",
        pki.to_str().unwrap(),
        "--output-file",
        "-",
    ];
    let bundle = printed(&arguments);
    assert!(talos_pki::talos::Bundle::read(bundle.as_bytes()).is_ok());
}
