//! A bundle is written whole or not at all, for its owner alone, and over nothing by accident.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]
#![cfg(unix)]

mod fixture;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fixture::{TOKEN, copy_of, judge, talos_pki};
use talos_pki::talos::Bundle;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_talos-pki");

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn the_file_is_for_its_owner_alone() {
    let source = copy_of("kubeadm/ecdsa-p256");
    let folder = TempDir::new().unwrap();
    let mut command = talos_pki(&["gen", "secrets", "-p", source.path().to_str().unwrap()]);
    command.current_dir(folder.path()).assert().success();
    let file = folder.path().join("secrets.yaml");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(Bundle::read(&fs::read(&file).unwrap()).is_ok());
    assert_eq!(names_in(folder.path()), ["secrets.yaml"]);
}

#[test]
fn an_existing_file_stays_without_force() {
    let source = copy_of("kubeadm/ecdsa-p256");
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("secrets.yaml");
    fs::write(&file, "precious").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let path = source.path().to_str().unwrap();
    let mut command = talos_pki(&["gen", "secrets", "-p", path]);
    command.current_dir(folder.path()).assert().code(2);
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    let mut command = talos_pki(&["gen", "secrets", "-p", path, "--force"]);
    command.current_dir(folder.path()).assert().success();
    assert!(Bundle::read(&fs::read(&file).unwrap()).is_ok());
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_link_is_kept_and_its_target_replaced() {
    let folder = TempDir::new().unwrap();
    let real = folder.path().join("real.yaml");
    let link = folder.path().join("link.yaml");
    fs::write(&real, "old").unwrap();
    symlink("real.yaml", &link).unwrap();
    let path = link.to_str().unwrap();
    let arguments = [
        "gen",
        "secrets",
        "--talos-version",
        "v1.6",
        "-o",
        path,
        "-f",
    ];
    talos_pki(&arguments).assert().success();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(Bundle::read(&fs::read(&real).unwrap()).is_ok());
}

#[test]
fn a_killed_program_leaves_the_old_file_or_the_new() {
    let source = copy_of("kubeadm/ecdsa-p256");
    let path = source.path().to_str().unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("secrets.yaml");
    let start = || {
        fs::write(&file, "old").unwrap();
        // The program may be done before this goes on.
        let before = fs::metadata(&file).unwrap().ino();
        let child = Command::new(PROGRAM)
            .args(["gen", "secrets", "-p", path, "-t", TOKEN, "--force"])
            .current_dir(folder.path())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        (child, before)
    };
    // How long it takes depends on the machine, and on what else runs on it.
    let started = Instant::now();
    assert!(start().0.wait().unwrap().success());
    let whole = started.elapsed();
    let mut survived = 0;
    let mut replaced = 0;
    let mut rounds = 0;
    while rounds < 60 || (replaced == 0 && rounds < 600) {
        let (mut child, before) = start();
        // From none of the time to one and a half of it, and then later and later.
        thread::sleep(whole * rounds / 40);
        child.kill().unwrap();
        child.wait().unwrap();
        let content = fs::read(&file).unwrap();
        if fs::metadata(&file).unwrap().ino() == before {
            assert_eq!(content, b"old");
            survived += 1;
        } else {
            assert!(
                Bundle::read(&content).is_ok(),
                "round {rounds}: half a bundle"
            );
            replaced += 1;
        }
        rounds += 1;
    }
    assert!(survived > 0, "the kills came too late to prove anything");
    assert!(replaced > 0, "the kills came too early to prove anything");
}

#[test]
fn what_a_killed_program_left_is_not_in_the_way_of_the_next() {
    let source = copy_of("kubeadm/ecdsa-p256");
    let folder = TempDir::new().unwrap();
    // `exec` keeps the number of the process, by which names were once made.
    let script = format!(
        "echo old > secrets.yaml; echo left > .talos-pki-$$; \
         exec '{PROGRAM}' gen secrets --force -t {TOKEN} -p '{}'",
        source.path().display()
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    let bundle = fs::read(folder.path().join("secrets.yaml")).unwrap();
    assert!(Bundle::read(&bundle).is_ok());
    assert_eq!(names_in(folder.path()).len(), 2, "one more is left over");
}

#[test]
fn a_killed_program_leaves_no_copy_of_a_secret() {
    let source = copy_of("kubeadm/ecdsa-p256");
    let path = source.path().to_str().unwrap();
    for round in 0..40_u64 {
        let folder = TempDir::new().unwrap();
        let mut child = Command::new(PROGRAM)
            .args(["gen", "secrets", "-p", path, "-t", TOKEN])
            .current_dir(folder.path())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_micros(round * 800));
        child.kill().unwrap();
        child.wait().unwrap();
        for name in names_in(folder.path()) {
            assert_eq!(name, "secrets.yaml");
            assert!(Bundle::read(&fs::read(folder.path().join(name)).unwrap()).is_ok());
        }
    }
}

#[test]
fn a_full_disk_is_told_and_leaves_the_old_file() {
    let source = copy_of("kubeadm/rsa-4096");
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("secrets.yaml");
    fs::write(&file, "old").unwrap();
    // A limit of two blocks on the size of files stands for the full disk: both fail in `write`.
    let script = format!(
        "trap '' XFSZ; ulimit -f 2; exec '{PROGRAM}' gen secrets --force -p '{}'",
        source.path().display()
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("cannot write `secrets.yaml`: file too large"),
        "{stderr}"
    );
    assert_eq!(fs::read(&file).unwrap(), b"old");
    assert_eq!(names_in(folder.path()), ["secrets.yaml"]);
}

/// A control plane of new secrets beside a worker of old ones would be worse than no file at all.
#[test]
fn of_several_files_all_are_written_or_none() {
    let source = copy_of("nodes/kubeadm-cp-2");
    let convert = format!("convert '{}' -o out", source.path().display());
    let config = "gen config prod https://10.0.0.1:6443 --with-secrets secrets.yaml \
                  -t talosconfig,worker,controlplane -o out"
        .to_owned();
    // What is after the limit, in KiB, is not the first file of either.
    for (arguments, limit, too_large) in [
        (convert, 24, "report.html"),
        (config, 7, "controlplane.yaml"),
    ] {
        let folder = TempDir::new().unwrap();
        let out = folder.path().join("out");
        let run = |limit: &str, more: &str| {
            let output = Command::new("bash")
                .args([
                    "-c",
                    &format!("{limit} exec '{PROGRAM}' {arguments} {more}"),
                ])
                .current_dir(folder.path())
                .output()
                .unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            (output.status.code(), stderr)
        };
        let mut bundle = talos_pki(&["gen", "secrets", "-t", TOKEN, "-p"]);
        bundle.arg(source.path()).current_dir(folder.path());
        bundle.assert().success();
        let limits = [
            (format!("trap '' XFSZ; ulimit -f {limit};"), Some(2)),
            // The signal ends it.
            (format!("ulimit -f {limit};"), None),
        ];
        for (limit, status) in &limits {
            let (ended, stderr) = run(limit, "");
            assert_eq!(ended, *status, "{stderr}");
            if status.is_some() {
                let reason = format!("cannot write `out/{too_large}`: file too large");
                assert!(stderr.contains(&reason), "{stderr}");
                assert!(!out.exists());
            } else {
                assert!(names_in(&out).is_empty());
            }
        }
        let (ended, stderr) = run("", "");
        assert_eq!(ended, Some(0), "{stderr}");
        let content = || {
            let mut names = names_in(&out);
            names.sort();
            names
                .into_iter()
                .map(|name| (fs::read(out.join(&name)).unwrap(), name))
                .collect::<Vec<_>>()
        };
        let before = content();
        for (limit, status) in &limits {
            let (ended, stderr) = run(limit, "--force");
            assert_eq!(ended, *status, "{stderr}");
            assert!(content() == before, "{arguments} {limit}");
        }
    }
}

#[test]
fn a_device_is_written_into_and_not_replaced() {
    let output = talos_pki(&[
        "gen",
        "secrets",
        "--talos-version",
        "v1.6",
        "-o",
        "/dev/full",
    ])
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("no space left on device")
    );
    let output = talos_pki(&[
        "gen",
        "secrets",
        "--talos-version",
        "v1.6",
        "-o",
        "/dev/stdout",
    ])
    .output()
    .unwrap();
    assert!(output.status.success());
    assert!(Bundle::read(&output.stdout).is_ok());
}

#[test]
fn a_closed_pipe_is_an_error_for_a_bundle_and_none_for_a_report() {
    let source = copy_of("kubeadm/ecdsa-p256");
    let closed = |arguments: &[&str]| {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .arg(source.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (status, stderr) = closed(&["gen", "secrets", "-o", "-", "-p"]);
    assert_eq!(status, Some(2));
    assert!(stderr.contains("standard output was closed before everything was written"));
    assert_eq!(closed(&["scan"]).0, Some(0));
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    // Nobody can make a file in /sys, not even the administrator.
    let arguments = [
        "gen",
        "secrets",
        "--talos-version",
        "v1.6",
        "-o",
        "/sys/secrets.yaml",
    ];
    let output = talos_pki(&arguments).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("error: cannot write `/sys/secrets.yaml`: "),
        "{stderr}"
    );
}

/// The certificates and keys of a folder that is read are in the way even of `--force`; what an earlier
/// run wrote there is not.
#[test]
fn a_folder_behind_a_link_that_leads_nowhere_is_told_and_not_made() {
    let folder = TempDir::new().unwrap();
    for (name, target) in [("nowhere", "missing"), ("loop", "loop")] {
        let link = folder.path().join(name);
        symlink(target, &link).unwrap();
        for output in [name.to_owned(), format!("{name}/below")] {
            let config = [
                "gen",
                "config",
                "prod",
                "https://10.0.0.1:6443",
                "-o",
                &output,
            ];
            let mut command = talos_pki(&config);
            let output = command.current_dir(folder.path()).assert().code(2);
            let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
            let reason = format!("`{name}` is a symbolic link that leads nowhere");
            assert!(stderr.contains(&reason), "{stderr}");
            assert!(link.is_symlink());
        }
    }
    assert_eq!(names_in(folder.path()).len(), 2);
}

#[test]
fn no_certificate_or_key_of_the_source_is_written_over() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let folder = copy.path();
    let source = folder.to_str().unwrap();
    symlink(folder.join("pki/ca.key"), folder.join("link.yaml")).unwrap();
    fs::create_dir(folder.join("out")).unwrap();
    symlink(folder.join("pki/ca.key"), folder.join("out/worker.yaml")).unwrap();
    let before = |name: &str| fs::read(folder.join("pki").join(name)).unwrap();
    let keys = [before("sa.key"), before("ca.key")];
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let secrets = ["gen", "secrets", "--force", "-t", TOKEN, "-p", source, "-o"];
    let convert = ["convert", source, "--force", "-t", TOKEN, "-o"];
    for arguments in [
        [&secrets[..], &[&at("pki/sa.key")]].concat(),
        [&secrets[..], &[&at("link.yaml")]].concat(),
        [&convert[..], &[&at("out")]].concat(),
    ] {
        let output = judge(&arguments).output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(
            words.contains("overwritten by what is made from it"),
            "{words}"
        );
        assert!(keys == [before("sa.key"), before("ca.key")]);
    }
    let made = at("secrets.yaml");
    for _ in 0..2 {
        let again = [&secrets[..], &[&made]].concat();
        let output = judge(&again).output().unwrap();
        assert!(output.status.success());
    }
    // The shell gives the file, and no argument names it.
    let archive = folder.join("archive.tar");
    let packed = Command::new("tar")
        .args(["cf", &at("archive.tar"), "-C", source, "pki"])
        .status();
    assert!(packed.unwrap().success());
    let packed = fs::read(&archive).unwrap();
    let arguments = ["gen", "secrets", "--force", "-t", TOKEN, "-p", "-", "-o"];
    let output = Command::new(PROGRAM)
        .args(arguments)
        .arg(&archive)
        .stdin(fs::File::open(&archive).unwrap())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(fs::read(&archive).unwrap() == packed);
}
