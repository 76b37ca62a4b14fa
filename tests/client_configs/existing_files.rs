//! Files that are there already: refused, overwritten, merged into, or renewed in place.

use std::fs;

use crate::cluster::{Cluster, ENDPOINT, certificate, fails, succeeds};

/// A talosconfig of a person who has others.
const MINE: &str = "\
context: omni
contexts:
    admin@prod:
        endpoints:
            - 10.0.0.1
        nodes:
            - 10.0.0.9
        ca: b2xk
        crt: b2xk
        key: b2xk
        proxy-url: socks5://127.0.0.1:1080
        color: red
    omni:
        endpoints:
            - https://example.omni.siderolabs.io
        auth:
            siderov1:
                identity: jane@example.org
        cluster: talos-default
theme: dark
";

const NEW: [&str; 6] = [
    "config",
    "new",
    "--with-secrets",
    "secrets.yaml",
    "--name",
    "prod",
];

/// The lines of `MINE` from `start` up to the line `end`.
fn part(start: &str, end: &str) -> String {
    let start = MINE.find(start).unwrap();
    let length = MINE[start..].find(end).unwrap();
    MINE[start..start + length].to_owned()
}

#[test]
fn an_existing_file_is_kept_unless_a_person_says_what_to_do() {
    let cluster = Cluster::new();
    cluster.write("talosconfig", MINE);
    let words = fails(&cluster.run(&NEW));
    assert!(words.contains("--force"), "{words}");
    assert_eq!(cluster.read("talosconfig"), MINE);
    for two in [["--force", "--merge"], ["--merge", "--replace"]] {
        fails(&cluster.run(&[&NEW[..], &two].concat()));
    }
    assert_eq!(cluster.read("talosconfig"), MINE);
    succeeds(&cluster.run(&[&NEW[..], &["--force"]].concat()));
    assert!(!cluster.read("talosconfig").contains("omni"));
}

/// It may be the only copy of a cluster's secrets.
#[test]
fn a_file_is_not_overwritten_by_what_is_made_of_it() {
    let cluster = Cluster::new();
    std::os::unix::fs::symlink("secrets.yaml", cluster.path().join("link")).unwrap();
    let bundle = ["--with-secrets", "secrets.yaml"];
    let configuration = ["--from-controlplane-config", "old.yaml"];
    let config = [
        "gen", "config", "prod", ENDPOINT, "-t", "worker", "-f", "-o",
    ];
    let new = ["config", "new", "--name", "prod"];
    let kubeconfig = ["kubeconfig", "-f"];
    let before = [cluster.read("secrets.yaml"), cluster.read("old.yaml")];
    for arguments in [
        [&config[..], &["secrets.yaml"], &bundle].concat(),
        [&config[..], &["link"], &bundle].concat(),
        [&new[..], &["-f", "secrets.yaml"], &bundle].concat(),
        [&new[..], &["--merge", "./secrets.yaml"], &bundle].concat(),
        [&kubeconfig[..], &["secrets.yaml", "--name", "p"], &bundle].concat(),
        [&kubeconfig[..], &["./old.yaml"], &configuration].concat(),
        [
            &["gen", "secrets", "-f", "-o", "old.yaml"][..],
            &configuration,
        ]
        .concat(),
        vec![
            "gen",
            "secrets",
            "-f",
            "-o",
            "secrets.yaml",
            "-p",
            "secrets.yaml",
        ],
        vec![
            "convert",
            "secrets.yaml",
            "-f",
            "-o",
            ".",
            "--endpoint",
            ENDPOINT,
        ],
    ] {
        let words = fails(&cluster.run(&arguments));
        let reason = "it would be overwritten by what is made from it";
        assert!(words.contains(reason), "{arguments:?}: {words}");
        let after = [cluster.read("secrets.yaml"), cluster.read("old.yaml")];
        assert!(before == after, "{arguments:?}");
    }
}

#[test]
fn a_file_that_the_shell_gives_as_standard_input_is_not_overwritten() {
    let cluster = Cluster::new();
    let before = cluster.read("secrets.yaml");
    let run = |file: &str| {
        let input = fs::File::open(cluster.path().join("secrets.yaml")).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_talos-pki"));
        let arguments = [
            "kubeconfig",
            "-f",
            file,
            "--name",
            "p",
            "--endpoint",
            ENDPOINT,
            "--with-secrets",
            "-",
        ];
        command.args(arguments).stdin(input);
        command.current_dir(cluster.path()).output().unwrap()
    };
    let words = fails(&run("secrets.yaml"));
    assert!(words.contains("it would be overwritten"), "{words}");
    assert!(cluster.read("secrets.yaml") == before);
    // Another file of the same folder is none of it.
    succeeds(&run("old.yaml"));
}

/// Only the name that is written to then means another file.
#[test]
fn a_second_name_of_the_file_may_be_written_to() {
    let cluster = Cluster::new();
    let before = cluster.read("secrets.yaml");
    let [file, second] = ["secrets.yaml", "second"].map(|name| cluster.path().join(name));
    fs::hard_link(file, second).unwrap();
    let arguments = [
        "kubeconfig",
        "-f",
        "second",
        "--name",
        "p",
        "--endpoint",
        ENDPOINT,
    ];
    succeeds(&cluster.run(&[&arguments[..], &["--with-secrets", "secrets.yaml"]].concat()));
    assert!(cluster.read("secrets.yaml") == before);
    assert!(cluster.read("second").contains("kind: Config"));
}

#[test]
fn a_link_that_leads_nowhere_is_told_and_kept() {
    let cluster = Cluster::new();
    let link = cluster.path().join("talosconfig");
    std::os::unix::fs::symlink("nowhere/config", &link).unwrap();
    for force in [&[][..], &["--force"]] {
        let words = fails(&cluster.run(&[&NEW[..], force].concat()));
        assert!(
            words.contains("symbolic link that leads nowhere"),
            "{words}"
        );
        assert!(link.is_symlink());
    }
}

#[test]
fn merging_keeps_everything_else_and_makes_the_new_context_current() {
    let cluster = Cluster::new();
    cluster.write("talosconfig", MINE);
    let words = succeeds(&cluster.run(&[&NEW[..], &["--merge"]].concat()));
    assert!(
        words.contains("the new context is `admin@prod-1`"),
        "{words}"
    );
    let text = cluster.read("talosconfig");
    assert!(text.starts_with("context: admin@prod-1\ncontexts:\n    admin@prod:\n"));
    assert!(text.contains(&part("    admin@prod:\n", "    omni:\n")));
    assert!(text.ends_with(&MINE[MINE.find("    omni:\n").unwrap()..]));
    let config = cluster.talosconfig("talosconfig");
    assert_eq!(config.contexts().count(), 3);
}

#[test]
fn merging_keeps_what_stands_behind_a_byte_order_mark() {
    let utf_16 = |unit: fn(u16) -> [u8; 2]| {
        let units = "\u{feff}".encode_utf16().chain(MINE.encode_utf16());
        units.flat_map(unit).collect()
    };
    let encoded: [Vec<u8>; 3] = [
        format!("\u{feff}{MINE}").into_bytes(),
        utf_16(u16::to_le_bytes),
        utf_16(u16::to_be_bytes),
    ];
    for text in encoded {
        let cluster = Cluster::new();
        cluster.write("talosconfig", text);
        succeeds(&cluster.run(&[&NEW[..], &["--merge"]].concat()));
        let text = cluster.read("talosconfig");
        assert!(text.starts_with("context: admin@prod-1\ncontexts:\n    admin@prod:\n"));
        assert!(text.ends_with(&MINE[MINE.find("    omni:\n").unwrap()..]));
    }
}

#[test]
fn a_file_of_which_go_reads_a_part_is_not_merged_into() {
    let cluster = Cluster::new();
    let indented = format!(" {MINE}");
    cluster.write("talosconfig", &indented);
    let words = fails(&cluster.run(&[&NEW[..], &["--merge"]].concat()));
    assert!(words.contains("line 2, column 1"), "{words}");
    assert_eq!(cluster.read("talosconfig"), indented);
}

#[test]
fn merging_into_nothing_makes_the_file() {
    let cluster = Cluster::new();
    for (way, name) in [("--merge", "a"), ("--replace", "b")] {
        succeeds(&cluster.run(&[&NEW[..], &[way, name]].concat()));
        assert_eq!(cluster.talosconfig(name).current(), "admin@prod");
    }
}

#[test]
fn replacing_changes_the_credentials_alone() {
    let cluster = Cluster::new();
    cluster.write("talosconfig", MINE);
    let replace = ["--replace", "--context", "admin@prod"];
    let words = fails(&cluster.run(&[&NEW[..], &replace].concat()));
    // What is there is no certificate, so it has no roles to keep.
    assert!(words.contains("give --roles"), "{words}");
    let roles = ["--roles", "os:reader"];
    succeeds(&cluster.run(&[&NEW[..], &replace, &roles].concat()));
    let text = cluster.read("talosconfig");
    let without_credentials = |text: &str| {
        let lines = text.lines();
        let lines = lines.filter(|line| {
            !["ca: ", "crt: ", "key: "]
                .iter()
                .any(|field| line.trim_start().starts_with(field))
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(without_credentials(&text), without_credentials(MINE));
    assert!(!text.contains("b2xk"));
    // Once more, now without roles: those that it has are kept, and an endpoint changes.
    let endpoint = ["--endpoints", "10.0.0.7"];
    succeeds(&cluster.run(&[&NEW[..], &replace, &endpoint].concat()));
    let config = cluster.talosconfig("talosconfig");
    let context = config.context("admin@prod").unwrap();
    assert_eq!(certificate(context).subject.organizations(), ["os:reader"]);
    assert_eq!(context.endpoints(), ["10.0.0.7"]);
    assert_eq!(context.nodes(), ["10.0.0.9"]);
}

#[test]
fn a_damaged_file_is_left_as_it_is() {
    let cluster = Cluster::new();
    for damaged in ["", "context: [\n", "contexts: 5\n", "apiVersion: v1\n"] {
        cluster.write("talosconfig", damaged);
        let words = fails(&cluster.run(&[&NEW[..], &["--merge"]].concat()));
        assert!(words.contains("`talosconfig` cannot be used"), "{words}");
        assert_eq!(cluster.read("talosconfig"), damaged);
    }
}

#[test]
fn standard_output_is_no_file_to_merge_into() {
    let cluster = Cluster::new();
    let words = fails(&cluster.run(&[&NEW[..], &["--merge", "-"]].concat()));
    assert!(words.contains("`-` is none"), "{words}");
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let cluster = Cluster::new();
    cluster.write("talosconfig", MINE);
    let path = cluster.path().join("talosconfig");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    succeeds(&cluster.run(&[&NEW[..], &["--merge"]].concat()));
    succeeds(&cluster.run(&["kubeconfig", "--from-controlplane-config", "new.yaml"]));
    for name in ["talosconfig", "kubeconfig"] {
        let mode = fs::metadata(cluster.path().join(name))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600, "{name}");
    }
    fails(&cluster.run(&["kubeconfig", "--from-controlplane-config", "new.yaml"]));
}
