//! A second run does what the first one left, and nothing again.

use std::fs;
use std::path::Path;

use crate::fixture::{PASSPHRASE, TOKEN, copy_to, fixtures, judge, write_private};
use crate::{files, fleet, line, make, names_in, pairs, run, states, words};

const TWO: [(&str, &str); 2] = [("a", "kubeadm/ecdsa-p256"), ("b", "kubeadm/rsa-2048")];

#[test]
fn what_is_done_stays_as_it_is() {
    let folder = fleet(&TWO);
    assert_eq!(make(folder.path(), &[]).status.code(), Some(0));
    let before = files(&folder.path().join("out"));
    copy_to(
        &fixtures().join("kubeadm/ecdsa-p384"),
        &folder.path().join("clusters/c"),
    );
    // Neither --force nor what only concerns the reader makes anything anew.
    for more in [
        &["--json"][..],
        &["--json", "--force", "--notes", "--jobs", "1"],
    ] {
        let output = make(folder.path(), more);
        let third = if more.len() == 1 { "made" } else { "done" };
        assert_eq!(
            states(&output),
            pairs(&[("a", "done"), ("b", "done"), ("c", third)])
        );
        let mut after = files(&folder.path().join("out"));
        after.retain(|name, _| !name.starts_with("c/"));
        assert_eq!(before, after);
    }
}

#[test]
fn a_run_tells_of_what_is_done_what_the_first_told() {
    let folder = fleet(&TWO);
    let first = make(folder.path(), &["--json"]);
    let second = make(folder.path(), &["--json"]);
    let text = String::from_utf8(second.stdout).unwrap();
    assert_eq!(
        String::from_utf8(first.stdout).unwrap(),
        text.replace("\"done\"", "\"made\"")
    );
}

#[test]
fn a_cluster_that_moved_is_the_same() {
    let folder = fleet(&TWO);
    make(folder.path(), &[]);
    fs::rename(
        folder.path().join("clusters"),
        folder.path().join("elsewhere"),
    )
    .unwrap();
    let arguments = [
        "gen",
        "secrets",
        "--fleet",
        "elsewhere",
        "-o",
        "out",
        "-t",
        TOKEN,
        "--json",
    ];
    let output = run(folder.path(), &arguments);
    assert_eq!(states(&output), pairs(&[("a", "done"), ("b", "done")]));
}

/// What has changed is told, the old keys stay, and `--force` replaces that one alone.
fn changes(folder: &Path, more: &[&str], told: &str, changed: &[&str]) {
    let out = folder.join("out");
    let before = files(&out);
    let output = make(folder, more);
    assert_eq!(output.status.code(), Some(2), "{}", words(&output));
    assert!(line(&output).contains(told), "{}", line(&output));
    assert!(
        line(&output).contains("--force makes it anew"),
        "{}",
        line(&output)
    );
    assert_eq!(before, files(&out), "nothing is replaced in silence");
    let output = make(folder, &[more, &["--force", "--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    for (name, state) in states(&output) {
        let is_changed = changed.contains(&name.as_str());
        assert_eq!(state, if is_changed { "made" } else { "done" }, "{name}");
        let secrets = format!("{name}/secrets.yaml");
        let is_same = before.get(&secrets) == files(&out).get(&secrets);
        assert_eq!(is_same, !is_changed, "{name}");
    }
    assert_eq!(names_in(&out), ["a", "b"]);
    assert_eq!(make(folder, more).status.code(), Some(0));
}

#[test]
fn a_changed_file_is_told() {
    let folder = fleet(&TWO);
    make(folder.path(), &[]);
    let told = "the files of the cluster have changed";
    write_private(&folder.path().join("clusters/a/pki/more.txt"), "more");
    changes(folder.path(), &[], told, &["a"]);
    fs::remove_file(folder.path().join("clusters/a/pki/more.txt")).unwrap();
    changes(folder.path(), &[], told, &["a"]);
}

#[test]
fn other_flags_are_told() {
    for more in [
        &["--talos-version", "v1.13"][..],
        &["-t", "ghijkl.0123456789abcdef"],
        &["--allow", "ca-expired"],
        &["--layout", "kubeadm"],
    ] {
        let folder = fleet(&TWO);
        let first = ["gen", "secrets", "--fleet", "clusters", "-o", "out"];
        run(folder.path(), &first);
        let arguments = [&first[..], more].concat();
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        assert!(
            line(&output).contains("it was made with other flags"),
            "{more:?}"
        );
    }
}

#[test]
fn a_file_that_is_gone_is_told() {
    let folder = fleet(&TWO);
    make(folder.path(), &[]);
    fs::remove_file(folder.path().join("out/a/secrets.yaml")).unwrap();
    changes(folder.path(), &[], "`secrets.yaml` in it is gone", &["a"]);
}

/// By hand, or by a copy that ended too early: it is not what would be made.
#[test]
fn a_file_that_was_changed_is_told() {
    for content in ["", "cluster: {}\n"] {
        let folder = fleet(&TWO);
        make(folder.path(), &[]);
        let bundle = folder.path().join("out/a/secrets.yaml");
        fs::write(&bundle, content).unwrap();
        let before = files(&folder.path().join("out"));
        let told = "`secrets.yaml` in it is not as it was made; --force makes it anew";
        let output = make(folder.path(), &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(line(&output).contains(told), "{}", line(&output));
        // Nobody knows whether nodes have the keys of the first one, which a person may have elsewhere.
        let output = make(folder.path(), &["--force"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            line(&output).contains("is not a usable secrets bundle"),
            "{}",
            line(&output)
        );
        assert_eq!(before, files(&folder.path().join("out")));
        fs::remove_file(&bundle).unwrap();
        assert_eq!(make(folder.path(), &["--force"]).status.code(), Some(0));
        let output = make(folder.path(), &["--json"]);
        assert_eq!(states(&output), pairs(&[("a", "done"), ("b", "done")]));
    }
}

#[test]
fn another_version_or_command_is_told() {
    let folder = fleet(&TWO);
    make(folder.path(), &[]);
    let mark = folder.path().join("out/a/.talos-pki-fleet.json");
    let text = fs::read_to_string(&mark).unwrap();
    let version = format!("talos-pki {}", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&version));
    write_private(&mark, &text.replace(&version, "talos-pki 0.0.1"));
    changes(folder.path(), &[], "talos-pki 0.0.1 made it", &["a"]);
    let output = run(
        folder.path(),
        &["convert", "--fleet", "clusters", "-o", "out"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(line(&output).contains("`gen secrets` made it"));
}

#[test]
fn what_no_fleet_made_is_never_replaced() {
    for (path, told) in [
        ("out/a/precious", "no fleet made it; move it away"),
        ("out/a", "no fleet made it; move it away"),
    ] {
        let folder = fleet(&TWO);
        write_private(&folder.path().join(path), "precious");
        let output = make(folder.path(), &["--force", "--json"]);
        assert_eq!(states(&output), pairs(&[("a", "failed"), ("b", "made")]));
        assert!(line(&output).contains(told), "{}", line(&output));
        assert_eq!(fs::read(folder.path().join(path)).unwrap(), b"precious");
    }
    let folder = fleet(&TWO);
    make(folder.path(), &[]);
    let notes = folder.path().join("out/a/notes.txt");
    write_private(&notes, "precious");
    write_private(&folder.path().join("clusters/a/pki/more.txt"), "more");
    let before = files(&folder.path().join("out"));
    let output = make(folder.path(), &["--force"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        line(&output).contains("talos-pki did not make `notes.txt`"),
        "{}",
        line(&output)
    );
    assert_eq!(before, files(&folder.path().join("out")));
}

#[test]
fn a_leftover_is_removed_and_nothing_else() {
    let folder = fleet(&TWO);
    make(folder.path(), &[]);
    let out = folder.path().join("out");
    // As a killed run leaves it: with its mark, with half of a mark, and with nothing in it.
    copy_to(&out.join("a"), &out.join(".talos-pki-fleet-0"));
    write_private(
        &out.join(".talos-pki-fleet-1/.talos-pki-fleet.json"),
        "{\"made_by\":\"ta",
    );
    fs::create_dir(out.join(".talos-pki-fleet-2")).unwrap();
    write_private(&out.join(".talos-pki-fleet-file"), "precious");
    write_private(&out.join(".other"), "precious");
    assert_eq!(make(folder.path(), &[]).status.code(), Some(0));
    assert_eq!(
        names_in(&out),
        [".other", ".talos-pki-fleet-file", "a", "b"]
    );
    // A folder with that name and files that no fleet made.
    write_private(&out.join(".talos-pki-fleet-3/precious"), "precious");
    let output = make(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        line(&output).contains(".talos-pki-fleet-3"),
        "{}",
        line(&output)
    );
    assert!(out.join(".talos-pki-fleet-3/precious").is_file());
}

#[test]
fn passphrases_and_tokens_are_not_in_the_mark() {
    let folder = fleet(&[("a", "broken/encrypted-pkcs8-key")]);
    let secrets = |passphrase: &str| {
        let arguments = [
            "gen", "secrets", "--fleet", "clusters", "-o", "out", "-t", TOKEN, "--json",
        ];
        let mut command = judge(&arguments);
        command.env("TALOS_PKI_PASSPHRASE", passphrase);
        command.current_dir(folder.path()).output().unwrap()
    };
    assert_eq!(states(&secrets("wrong")), pairs(&[("a", "refused")]));
    let output = secrets(PASSPHRASE);
    assert_eq!(states(&output), pairs(&[("a", "made")]));
    let mark = fs::read_to_string(folder.path().join("out/a/.talos-pki-fleet.json")).unwrap();
    for text in [
        mark,
        words(&output),
        String::from_utf8(output.stdout).unwrap(),
    ] {
        assert!(!text.contains(TOKEN) && !text.contains(PASSPHRASE));
    }
    // What was made proves that the passphrase was right: it needs none to be known again.
    assert_eq!(states(&secrets("")), pairs(&[("a", "done")]));
}

/// The keys of Talos in `secrets`, which no cluster of kubeadm has.
fn made_keys(secrets: &str) -> Vec<String> {
    let start = secrets.find("    os:\n").unwrap();
    let os = secrets[start..].lines().skip(1).take(2);
    let plain = secrets.lines().filter(|line| {
        let field = line.trim_start().split(':').next().unwrap_or_default();
        ["id", "secret", "secretboxencryptionsecret", "token"].contains(&field)
    });
    os.chain(plain).map(str::to_owned).collect()
}

/// Nodes may have the keys of the bundle that is there, however it was written.
#[test]
fn a_bundle_that_is_made_anew_keeps_its_keys() {
    let folder = fleet(&[("a", "kubeadm/ecdsa-p256")]);
    let out = folder.path().join("out/a");
    let read = || fs::read_to_string(out.join("secrets.yaml")).unwrap();
    assert_eq!(make(folder.path(), &[]).status.code(), Some(0));
    let first = read();
    assert_eq!(made_keys(&first).len(), 6);
    write_private(&folder.path().join("clusters/a/pki/more.txt"), "more");
    let token = "ghijkl.0123456789abcdef";
    let output = make(folder.path(), &["--force", "--allow", "ca-expired"]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert!(read() == first);
    // By way of every other form, and with a token that is another one.
    for format in ["json", "capi-secret", "kubernetes-secret", "yaml"] {
        let arguments = [
            "gen", "secrets", "--fleet", "clusters", "-o", "out", "-t", token,
        ];
        let more = ["--force", "--format", format];
        let output = run(folder.path(), &[&arguments[..], &more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    }
    assert_eq!(names_in(&out), [".talos-pki-fleet.json", "secrets.yaml"]);
    assert_eq!(made_keys(&read()), made_keys(&first));
    assert!(read().contains(token));

    // Those of another cluster are nobody's to replace.
    fs::remove_dir_all(folder.path().join("clusters/a")).unwrap();
    copy_to(
        &fixtures().join("kubeadm/rsa-2048"),
        &folder.path().join("clusters/a"),
    );
    let before = read();
    let output = make(folder.path(), &["--force"]);
    assert_eq!(output.status.code(), Some(2));
    let told = "Kubernetes CA is not that of this cluster. Choose another folder, or remove it";
    assert!(line(&output).contains(told), "{}", line(&output));
    assert!(read() == before);
    fs::remove_file(out.join("secrets.yaml")).unwrap();
    assert_eq!(make(folder.path(), &["--force"]).status.code(), Some(0));
    assert!(made_keys(&read()).iter().all(|key| !before.contains(key)));
}
