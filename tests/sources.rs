//! Where a PKI can be read from, and what is refused on the way.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]
#![cfg(unix)]

mod fixture;

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use fixture::{NOW, PASSPHRASE, TOKEN, copy_of, fixtures, judge};
use serde_json::Value;

/// The JSON report on `path`, with the exit status.
fn scan(path: &Path, more: &[&str]) -> (Value, i32) {
    let mut arguments = vec!["scan", path.to_str().unwrap(), "--format", "json"];
    arguments.extend(more);
    let output = judge(&arguments).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (report[0].clone(), output.status.code().unwrap())
}

fn fingerprints(report: &Value) -> Vec<String> {
    let authorities = report["authorities"].as_array().unwrap().iter();
    let certificates =
        authorities.map(|authority| authority["certificate"]["fingerprint"].to_string());
    let keys = std::iter::once(report["service_account"]["fingerprint"].to_string());
    certificates.chain(keys).collect()
}

fn rules(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn folder_archive_and_standard_input_give_the_same() {
    let folder = copy_of("kubeadm/ecdsa-p256");
    let (expected, _) = scan(folder.path(), &[]);
    let expected = fingerprints(&expected);
    assert!(
        expected
            .iter()
            .all(|fingerprint| fingerprint.starts_with("\"sha256:"))
    );
    for part in ["pki", "."] {
        assert_eq!(
            fingerprints(&scan(&folder.path().join(part), &[]).0),
            expected
        );
    }
    let archives = fixtures().join("archives");
    for name in [
        "ecdsa-p256.tar",
        "ecdsa-p256.tar.gz",
        "ecdsa-p256.tar.zst",
        "backup-root.tar.gz",
    ] {
        let path = archives.join(name);
        let (report, status) = scan(&path, &[]);
        assert_eq!(
            (fingerprints(&report), status),
            (expected.clone(), 0),
            "{name}"
        );
        let mut child = Command::new(env!("CARGO_BIN_EXE_talos-pki"))
            .args(["scan", "-", "--format", "json", "--now", NOW])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(&fs::read(&path).unwrap())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            fingerprints(&report[0]),
            expected,
            "{name} on standard input"
        );
    }
}

#[test]
fn a_backup_root_and_the_folder_above_are_understood() {
    let folder = copy_of("kubeadm/ecdsa-p256");
    let root = tempfile::TempDir::new().unwrap();
    let target = root.path().join("backup/etc/kubernetes");
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    fs::rename(folder.path(), &target).unwrap();
    let (expected, _) = scan(&target, &[]);
    for above in ["", "backup", "backup/etc"] {
        let (report, status) = scan(&root.path().join(above), &[]);
        assert_eq!(fingerprints(&report), fingerprints(&expected));
        assert_eq!(status, 0);
    }
}

#[test]
fn an_old_copy_beside_the_pki_does_not_count() {
    let folder = copy_of("kubeadm/ecdsa-p256");
    let old = copy_of("kubeadm/rsa-2048");
    fs::rename(old.path().join("pki"), folder.path().join("pki.bak-2025")).unwrap();
    let (report, status) = scan(folder.path(), &[]);
    assert_eq!(status, 0);
    assert_eq!(
        report["authorities"][0]["certificate"]["file"],
        "pki/ca.crt"
    );
}

/// One folder with two clusters, each in a folder of its own.
fn two_clusters(first: &str, second: &str) -> tempfile::TempDir {
    let root = tempfile::TempDir::new().unwrap();
    for (name, fixture) in [(first, "kubeadm/ecdsa-p256"), (second, "kubeadm/rsa-2048")] {
        let folder = copy_of(fixture);
        fs::create_dir_all(root.path().join(name)).unwrap();
        fs::rename(
            folder.path().join("pki"),
            root.path().join(name).join("pki"),
        )
        .unwrap();
    }
    root
}

#[test]
fn two_clusters_side_by_side_in_one_source_disagree() {
    let (report, status) = scan(two_clusters("a", "b").path(), &[]);
    assert_eq!(status, 1);
    assert!(rules(&report).contains(&"nodes-disagree".to_owned()));
}

#[test]
fn two_clusters_anywhere_in_one_source_are_an_open_choice() {
    let (report, status) = scan(two_clusters("a", "b/c").path(), &[]);
    assert_eq!(status, 1);
    assert!(rules(&report).contains(&"open-choice".to_owned()));
}

#[test]
fn links_inside_are_followed_and_links_outside_told() {
    let folder = copy_of("kubeadm/ecdsa-p256");
    let pki = folder.path().join("pki");
    fs::rename(pki.join("ca.crt"), pki.join("real.pem")).unwrap();
    symlink("real.pem", pki.join("ca.crt")).unwrap();
    let (report, status) = scan(folder.path(), &[]);
    assert_eq!((rules(&report), status), (vec![], 0));

    let outside = tempfile::NamedTempFile::new().unwrap();
    fs::copy(pki.join("ca.key"), outside.path()).unwrap();
    fs::remove_file(pki.join("ca.key")).unwrap();
    symlink(outside.path(), pki.join("ca.key")).unwrap();
    let (report, status) = scan(folder.path(), &[]);
    assert_eq!(
        (rules(&report), status),
        (vec!["unread-slot".to_owned()], 1)
    );

    fs::remove_file(pki.join("ca.key")).unwrap();
    symlink("nowhere", pki.join("ca.key")).unwrap();
    let (report, _) = scan(folder.path(), &[]);
    assert_eq!(rules(&report), ["unread-slot"]);
}

#[test]
fn links_in_a_circle_and_to_folders_end() {
    let folder = copy_of("kubeadm/ecdsa-p256");
    symlink("..", folder.path().join("pki/up")).unwrap();
    symlink("circle", folder.path().join("pki/circle")).unwrap();
    let (report, status) = scan(folder.path(), &[]);
    assert_eq!(
        (rules(&report), status),
        (vec!["unread-file".to_owned()], 0)
    );
}

#[test]
fn fifos_devices_and_endless_files_are_not_opened() {
    let folder = copy_of("kubeadm/ecdsa-p256");
    let fifo = folder.path().join("pki/sa.pub");
    fs::remove_file(&fifo).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    symlink("/dev/zero", folder.path().join("pki/zero")).unwrap();
    let huge = fs::File::create(folder.path().join("pki/etcd/snapshot.db")).unwrap();
    huge.set_len(1 << 33).unwrap();
    let (report, status) = scan(folder.path(), &[]);
    assert_eq!(
        (rules(&report), status),
        (vec!["unread-file".to_owned()], 0)
    );
    let places = report["findings"][0]["places"].to_string();
    for word in ["is a FIFO", "/dev/zero", "8589934592 bytes"] {
        assert!(places.contains(word), "{places}");
    }
    let output = judge(&[
        "gen",
        "secrets",
        "--service-account-key",
        fifo.to_str().unwrap(),
    ])
    .output();
    assert_eq!(output.unwrap().status.code(), Some(2));
}

#[test]
fn deep_folders_are_refused() {
    let folder = copy_of("kubeadm/ecdsa-p256");
    let deep = folder.path().join("d/".repeat(30));
    fs::create_dir_all(deep).unwrap();
    let output = judge(&["scan", folder.path().to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("levels deep")
    );
}

#[test]
fn hostile_archives_are_refused() {
    for (name, words) in [
        (
            "traversal.tar",
            "leads out of the archive; nothing was read",
        ),
        ("truncated.tar.gz", "is not a whole tar archive"),
        ("bomb.tar.gz", "more than 1024 MiB"),
    ] {
        let path = fixtures().join("archives").join(name);
        let output = judge(&["scan", path.to_str().unwrap()]).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(stderr.contains(words), "{name}: {stderr}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn several_sources_are_all_told_and_one_bad_one_hides_none() {
    let good = copy_of("kubeadm/ecdsa-p256");
    let broken = copy_of("broken/ca-expired");
    let paths = [good.path(), Path::new("/nowhere"), broken.path()];
    let mut arguments = vec!["scan"];
    arguments.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let output = judge(&arguments).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("Sound.") && stdout.contains("ca-expired"));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn keys_that_others_can_read_are_told() {
    let archive = fixtures().join("archives/readable-keys.tar");
    let (report, status) = scan(&archive, &[]);
    assert_eq!(
        (rules(&report), status),
        (vec!["key-readable-by-others".to_owned()], 0)
    );
    assert_eq!(
        report["findings"][0]["places"].as_array().unwrap().len(),
        11
    );
}

#[test]
fn by_content_undoes_swapped_names() {
    let folder = copy_of("broken/swapped-kubernetes-and-etcd");
    assert_eq!(scan(folder.path(), &[]).1, 1);
    let (report, status) = scan(folder.path(), &["--layout", "by-content"]);
    assert_eq!(status, 0, "{report:#}");
    let subjects: Vec<_> = report["authorities"].as_array().unwrap().iter().collect();
    assert_eq!(subjects[0]["certificate"]["subject"], "CN=kubernetes");
    assert_eq!(subjects[1]["certificate"]["subject"], "CN=etcd-ca");
}

#[test]
fn a_file_that_is_made_to_keep_a_yaml_reader_busy_does_not() {
    let folder = copy_of("kubeadm/ecdsa-p256");
    let mut brackets = "kind: Config\nclusters: ".to_owned();
    brackets.push_str(&"[".repeat(1_000_000));
    let mut aliases =
        "kind: Config\nclusters: []\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let previous = format!("*a{}", level - 1);
        let list = [previous.as_str(); 9].join(", ");
        writeln!(aliases, "a{level}: &a{level} [{list}]").unwrap();
    }
    fs::write(folder.path().join("brackets.conf"), &brackets).unwrap();
    fs::write(folder.path().join("aliases.conf"), aliases).unwrap();
    fs::write(folder.path().join("manifests/brackets.yaml"), brackets).unwrap();
    let (report, status) = scan(folder.path(), &[]);
    assert_eq!(
        (rules(&report), status),
        (vec!["leaf-unreadable".to_owned()], 0)
    );
    assert_eq!(report["findings"][0]["places"].as_array().unwrap().len(), 2);
}

#[test]
fn a_folder_that_is_said_to_be_kubeadm_needs_no_proof() {
    let whole = copy_of("kubeadm/ecdsa-p256");
    let folder = tempfile::TempDir::new().unwrap();
    for name in ["ca.crt", "ca.key"] {
        fs::copy(
            whole.path().join("pki").join(name),
            folder.path().join(name),
        )
        .unwrap();
    }
    let (report, status) = scan(folder.path(), &["--layout", "kubeadm"]);
    assert_eq!(status, 1);
    assert_eq!(report["authorities"][0]["certificate"]["file"], "ca.crt");
    assert!(rules(&report).contains(&"missing-etcd-ca".to_owned()));
}

#[test]
fn in_a_backup_of_the_root_absolute_links_lead_to_what_is_in_it() {
    let backup = copy_of("layouts/kubespray");
    let kubernetes = backup.path().join("etc/kubernetes");
    // The link that kubespray makes for kubeadm, and one to a file.
    symlink("/etc/kubernetes/ssl", kubernetes.join("pki")).unwrap();
    fs::rename(kubernetes.join("ssl/ca.key"), backup.path().join("ca.key")).unwrap();
    symlink("/ca.key", kubernetes.join("ssl/ca.key")).unwrap();
    let tar = tempfile::NamedTempFile::new().unwrap();
    let packed = Command::new("tar")
        .arg("-cf")
        .args([tar.path(), Path::new("-C"), backup.path()])
        .args(["etc", "ca.key"])
        .status();
    assert!(packed.unwrap().success());
    for source in [backup.path(), tar.path()] {
        let (report, status) = scan(source, &[]);
        assert_eq!(status, 0, "{report}");
        assert_eq!(report["layout"], "kubespray");
        let found = rules(&report);
        assert!(!found.contains(&"unread-file".to_owned()), "{report}");
    }
}

#[test]
fn of_very_many_entries_that_were_not_read_some_are_shown() {
    let folder = copy_of("kubeadm/ecdsa-p256");
    for number in 0..724 {
        symlink("/usr/share", folder.path().join(format!("{number:03}"))).unwrap();
    }
    let (report, status) = scan(folder.path(), &[]);
    assert_eq!(status, 0);
    let finding = &report["findings"][0];
    assert_eq!(finding["message"], "724 entries were not read");
    let places = finding["places"].as_array().unwrap();
    assert_eq!(places.len(), 21);
    assert_eq!(places[20], "and 704 more");
}

#[test]
fn where_nothing_is_found_what_was_not_read_is_named() {
    let data = copy_of("kubeadm/ecdsa-p256/pki");
    let folder = copy_of("kubeadm/ecdsa-p256");
    fs::remove_dir_all(folder.path().join("pki")).unwrap();
    symlink(data.path(), folder.path().join("pki")).unwrap();
    let path = folder.path().to_str().unwrap();
    let output = judge(&["scan", path]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    let expected = format!(
        "error: there is no certificate or key in `{path}`; give the /etc/kubernetes of a \
         control-plane node, its pki folder, or an archive of one. Not read: `pki`: it is a symbolic \
         link to `{}`, outside of what was given\n",
        data.path().to_str().unwrap()
    );
    assert_eq!(said, expected);
}

#[test]
fn a_pipe_that_a_person_names_is_read() {
    let copy = copy_of("broken/encrypted-pkcs8-key");
    let program = env!("CARGO_BIN_EXE_talos-pki");
    let script = format!(
        "'{program}' gen secrets -o - -t {TOKEN} --now {NOW} --not-before {NOW} \
         -p <(tar c -C '{}' .) --passphrase-file <(echo '{PASSPHRASE}')",
        copy.path().display()
    );
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words}");
    // A FIFO may have nobody who writes to it, and is given up.
    let fifo = copy.path().join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    let fifo = fifo.to_str().unwrap();
    let arguments = ["gen", "secrets", "--passphrase-file", fifo, "-o", "-"];
    let output = judge(&arguments).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.contains("nobody writes to this pipe"), "{words}");
}

#[test]
fn of_a_key_that_another_user_may_read_no_copy_is_asked_for() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let program = env!("CARGO_BIN_EXE_talos-pki");
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    // The administrator may read everything, and so becomes somebody else.
    let is_administrator = fs::metadata(copy.path()).unwrap().uid() == 0;
    let mut command = if is_administrator {
        let everything = Command::new("chmod")
            .args(["-R", "a+rX"])
            .arg(copy.path())
            .status();
        assert!(everything.unwrap().success());
        mode(&copy.path().join("pki/ca.key"), 0o600);
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]);
        command
    } else {
        mode(&copy.path().join("pki/ca.key"), 0);
        Command::new(program)
    };
    let output = command
        .arg("scan")
        .arg(copy.path())
        .args(["--now", NOW])
        .output()
        .unwrap();
    let shown = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let told = "error[unread-slot]: `pki/ca.key` was not read: permission denied\n";
    assert!(shown.contains(told), "{shown}");
    assert!(!shown.contains("os error"), "{shown}");
    assert!(shown.contains("with sudo"), "{shown}");
}

#[test]
fn what_is_no_archive_that_is_read_gets_a_remedy() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    for (start, said) in [
        (
            &b""[..],
            "is empty; see whether the command that should write it failed",
        ),
        (
            b"\xfd7zXZ\0\0",
            "packed with xz, which is not read here; unpack it first: `xz -dc",
        ),
        (
            b"BZh91AY&SY",
            "packed with bzip2, which is not read here; unpack it first: `bzip2 -dc",
        ),
        (
            b"PK\x03\x04\x14\0",
            "packed with zip, which is not read here; unpack it first: `(umask",
        ),
        (
            &fs::read(copy.path().join("pki/ca.crt")).unwrap(),
            "of a single certificate or key, give the folder",
        ),
    ] {
        let file = copy.path().join("backup");
        fs::write(&file, start).unwrap();
        let by_name = judge(&["scan", file.to_str().unwrap()]).output().unwrap();
        let piped = judge(&["scan", "-"]).write_stdin(start).output().unwrap();
        for output in [by_name, piped] {
            let words = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{words}");
            assert!(words.contains(said), "{words}");
        }
    }
}

#[test]
fn an_archive_without_its_end_may_have_lost_something() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let archive = copy.path().join("backup.tar");
    let made = Command::new("tar")
        .args(["--sort=name", "-cf"])
        .arg(&archive)
        .arg("-C")
        .arg(copy.path())
        .args(["admin.conf", "manifests", "pki"])
        .status();
    assert!(made.unwrap().success());
    let mut bytes = fs::read(&archive).unwrap();
    while bytes.ends_with(&[0; 512]) {
        bytes.truncate(bytes.len() - 512);
    }
    for (blocks, expected) in [(0, &["unread-file"][..]), (1, &[]), (2, &[])] {
        let whole = [bytes.as_slice(), &vec![0; 512 * blocks]].concat();
        fs::write(&archive, whole).unwrap();
        let (report, status) = scan(&archive, &[]);
        assert_eq!(
            (rules(&report), status),
            (expected.iter().map(ToString::to_string).collect(), 0),
            "{blocks} blocks"
        );
    }
}

#[test]
fn an_archive_whose_sum_is_another_is_damaged() {
    let folder = tempfile::TempDir::new().unwrap();
    let archive = folder.path().join("backup.tar.gz");
    let whole = fs::read(fixtures().join("archives/ecdsa-p256.tar.gz")).unwrap();
    let mut damaged = whole.clone();
    let sum = damaged.len() - 8;
    damaged[sum] ^= 1;
    for (bytes, status) in [
        (whole.clone(), 0),
        (damaged, 2),
        // What fills it up, as tapes do, is no damage.
        ([&whole[..], &[0; 512]].concat(), 0),
    ] {
        fs::write(&archive, bytes).unwrap();
        let output = judge(&["scan", archive.to_str().unwrap()])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            words.contains("is not a whole tar archive"),
            status == 2,
            "{words}"
        );
    }
}

#[test]
fn what_is_packed_in_a_folder_is_named_with_the_way_on() {
    let folder = tempfile::TempDir::new().unwrap();
    for name in ["backup/pki.tar.gz", "ca.p12"] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "packed").unwrap();
    }
    let output = judge(&["scan", folder.path().to_str().unwrap()])
        .output()
        .unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(
        words.contains("`backup/pki.tar.gz`: it is an archive in a folder; give it by itself"),
        "{words}"
    );
    assert!(words.contains("`ca.p12`: it is a keystore"), "{words}");
}
