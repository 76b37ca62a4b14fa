//! The runbook: what is in it for whom, and that no name from outside becomes a command.

use std::fmt::Write;

use talos_pki::convert::migration::Way;
use talos_pki::report::migration::{self, MigrationReport};

use crate::clusters::{self, Read};
use crate::fixture::copy_of;
use crate::{changed, hostile};

fn runbook(read: &Read) -> String {
    migration::runbook(&read.report())
}

/// The commands of a runbook.
fn commands(text: &str) -> String {
    let blocks = text.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("\n```").next().unwrap().to_owned() + "\n")
        .collect()
}

#[test]
fn a_joining_cluster_is_never_bootstrapped() {
    for (name, read) in clusters::all() {
        let is_possible = read.findings.is_sound() && read.plan.is_possible();
        let goes = |way| is_possible && read.plan.route.way == way;
        let commands = commands(&runbook(&read));
        let has_bootstrap = commands.contains("bootstrap --recover-from");
        assert_eq!(has_bootstrap, goes(Way::Restore), "{name}");
        let is_empty = commands.contains("\"$NEW\" bootstrap\n");
        assert_eq!(is_empty, goes(Way::Rebuild), "{name}");
        assert_eq!(
            commands.matches("\"$NEW\" bootstrap").count(),
            usize::from(has_bootstrap || is_empty),
            "{name}"
        );
    }
}

#[test]
fn every_task_of_a_person_has_its_number_and_its_own_words() {
    let read = Read::of(changed::changed().path(), "v1.14");
    let text = runbook(&read).replace("\n      ", " ");
    let summary = migration::summary(&read.report());
    let items = read
        .plan
        .items
        .iter()
        .filter(|item| item.outcome.needs_a_person());
    for (index, item) in items.enumerate() {
        let number = format!("P{}", index + 1);
        assert!(text.contains(&format!("- [ ] {number}: ")), "{number}");
        assert!(text.contains(&item.what), "{}", item.what);
        assert!(
            summary.contains(&format!("MIGRATION.md {number}")),
            "{summary}"
        );
    }
}

#[test]
fn the_token_is_brought_in_only_if_it_was_written() {
    let read = clusters::fixture("rsa-2048", "v1.14");
    assert!(runbook(&read).contains("apply -f bootstrap-token.yaml"));
    let files = ["secrets.yaml", "MIGRATION.md"];
    let report = MigrationReport {
        files: &files,
        ..read.report()
    };
    assert!(!migration::runbook(&report).contains("bootstrap-token.yaml"));
}

#[test]
fn patches_become_configurations_first() {
    let read = clusters::fixture("rsa-2048", "v1.14");
    assert!(!runbook(&read).contains("talosctl gen config"));
    let files = [
        "secrets.yaml",
        "controlplane.patch.yaml",
        "worker.patch.yaml",
    ];
    let report = MigrationReport {
        files: &files,
        ..read.report()
    };
    let text = migration::runbook(&report);
    assert!(text.contains("talosctl gen config kubernetes https://kube.example.org:6443"));
}

#[test]
fn what_does_not_apply_is_not_printed() {
    let plain = runbook(&clusters::fixture("rsa-2048", "v1.14"));
    let changed = runbook(&Read::of(changed::changed().path(), "v1.14"));
    for words in [
        "static pods `kube-vip`",
        "other issuers of tokens",
        "configmaps.count",
    ] {
        assert!(!plain.contains(words) && changed.contains(words), "{words}");
    }
    let words = "says\n  `identity` alone";
    assert!(plain.contains(words) && !changed.contains(words));
    let older = runbook(&clusters::fixture("rsa-2048", "v1.13"));
    // Talos 1.14 asks for a document that this version refuses.
    assert!(!older.contains("KubeEtcdEncryptionConfig"), "{older}");
    let heading = "### Before you upgrade Talos to 1.14";
    assert!(older.contains(heading) && !plain.contains(heading));
}

#[test]
fn a_cluster_that_cannot_move_gets_no_steps() {
    let text = runbook(&clusters::fixture("external-etcd", "v1.14"));
    assert!(text.contains("## Not possible as it is") && !text.contains("Step 1"));
    let text = runbook(&Read::of(changed::changed().path(), "v1.13"));
    assert!(text.contains("To do: ") && !text.contains("```"));
}

#[test]
fn no_name_from_outside_becomes_a_command_or_markup() {
    assert_harmless(&runbook(&Read::of(hostile::hostile().path(), "v1.14")));
    assert_harmless(&runbook(&hostile::with_hostile_etcd_outside()));
}

fn assert_harmless(text: &str) {
    assert!(text.contains("Step 1"), "the hostile cluster can be moved");
    let mut in_block = false;
    let mut words = String::new();
    for line in text.lines() {
        assert!(!line.starts_with("# heading"), "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            // What is left without what stands between apostrophes is read by the shell.
            let line = line.replace(r"'\''", "");
            let unquoted: String = line.split('\'').step_by(2).collect();
            let is_command = unquoted.contains("$(reboot)") || unquoted.contains("; reboot");
            assert!(!is_command, "{line}");
        } else {
            writeln!(words, "{line}").unwrap();
        }
    }
    assert!(!in_block);
    // Outside of literals every character that means something has a backslash before it.
    let plain: String = words.split('`').step_by(2).collect();
    for (index, found) in plain.match_indices(['<', '[']) {
        let before = &plain[..index];
        let is_box = found == "[" && plain[index..].starts_with("[ ] ") && before.ends_with("- ");
        assert!(is_box || before.ends_with('\\'), "{}", &plain[index..]);
    }
}

/// With some flags that Talos 1.13 takes, a node of Talos 1.14 waits for ever, or its etcd ends.
#[test]
fn what_is_in_the_way_of_an_update_is_taken_out_before() {
    let chapter = |component: &str, flags: &[&str], talos: &str| {
        let copy = copy_of("kubeadm/rsa-2048");
        clusters::add_flags(copy.path(), component, flags);
        let text = runbook(&Read::of(copy.path(), talos));
        let start = text.find("Talos 1.14, whose etcd is 3.7, does not start");
        start.map(|start| {
            text[start..]
                .split("\n## ")
                .next()
                .unwrap()
                .replace('\n', " ")
        })
    };
    let removal = |flag: &str| format!("      {flag}:         $patch: delete ");
    for (component, field, flag, name) in [
        (
            "etcd",
            "etcd",
            "--tls-min-version=TLS1.3",
            "tls-min-version",
        ),
        (
            "etcd",
            "etcd",
            "--tls-max-version=TLS1.2",
            "tls-max-version",
        ),
        (
            "kube-apiserver",
            "apiServer",
            "--tls-min-version=VersionTLS13",
            "tls-min-version",
        ),
    ] {
        let told = chapter(component, &[flag], "v1.13").unwrap();
        assert!(
            told.contains(&format!("`{name}` of `cluster.{field}`: ")),
            "{told}"
        );
        assert!(
            told.contains(&format!(
                "cluster:   {field}:     extraArgs: {}",
                removal(name)
            )),
            "{told}"
        );
        assert_eq!(chapter(component, &[flag], "v1.14"), None, "{flag}");
    }
    // Nobody wrote it, so that there is nothing to be taken out by a command.
    let ciphers = ["--cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"];
    let told = chapter("etcd", &ciphers, "v1.13").unwrap();
    assert!(
        told.contains("`cipher-suites` of `cluster.etcd`, if you set it: "),
        "{told}"
    );
    assert!(!told.contains("$patch"), "{told}");
    for same in [
        "--tls-min-version=TLS1.2",
        "--tls-max-version=TLS1.3",
        "--pre-vote=false",
    ] {
        assert_eq!(chapter("etcd", &[same], "v1.13"), None, "{same}");
    }
}

/// To scp everything behind the first colon is a path.
#[test]
fn scp_is_given_an_address_of_ipv6_in_brackets() {
    let copy = copy_of("kubeadm/rsa-2048");
    for component in ["kube-apiserver", "etcd"] {
        let path = copy.path().join(format!("manifests/{component}.yaml"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("192.0.2.10"));
        let urls = text.replace("//192.0.2.10:", "//[2001:db8::10]:");
        std::fs::write(path, urls.replace("192.0.2.10", "2001:db8::10")).unwrap();
    }
    let commands = commands(&runbook(&Read::of(copy.path(), "v1.14")));
    assert!(commands.contains("OLD=2001:db8::10 "), "{commands}");
    let copies = commands
        .split_whitespace()
        .filter(|word| word.starts_with("root@") && word.contains(":/"));
    let copies: Vec<&str> = copies.collect();
    assert!(copies.len() >= 4, "{copies:?}");
    for word in copies {
        assert!(
            word.contains("[2001:db8::10]") || word.contains("[$OLD]"),
            "{word}"
        );
    }
}
