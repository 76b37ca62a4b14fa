//! At a terminal, a person is asked for the passphrase of encrypted keys.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]
#![cfg(target_os = "linux")]

mod fixture;

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use fixture::{NOW, PASSPHRASE, copy_of};

/// What the terminal shows when `answer` is typed to `command`, in which `{program}` is ours. `script`
/// runs it at a terminal, with the variable for the passphrase empty, as good as not set.
fn at_a_terminal(command: &str, answer: &str) -> String {
    let command = command.replace("{program}", env!("CARGO_BIN_EXE_talos-pki"));
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("NO_COLOR", "1")
        .env("SHELL", "/bin/bash")
        .env("TALOS_PKI_PASSPHRASE", "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`script` of util-linux");
    // The answer comes after the question, as from a person.
    let mut shown = Vec::new();
    let mut terminal = child.stdout.take().unwrap();
    let mut byte = [0];
    while !shown.ends_with(b"keys: ") {
        assert_eq!(
            terminal.read(&mut byte).unwrap(),
            1,
            "{}",
            String::from_utf8_lossy(&shown)
        );
        shown.push(byte[0]);
    }
    // Echo is switched off right after the question; nobody types within that instant.
    thread::sleep(Duration::from_millis(300));
    child
        .stdin
        .as_mut()
        .unwrap()
        .write_all(format!("{answer}\n").as_bytes())
        .unwrap();
    terminal.read_to_end(&mut shown).unwrap();
    child.wait().unwrap();
    String::from_utf8(shown).unwrap()
}

fn scan(answer: &str) -> String {
    let copy = copy_of("broken/encrypted-traditional-key");
    let folder = copy.path().display();
    at_a_terminal(
        &format!("'{{program}}' scan '{folder}' --now {NOW}"),
        answer,
    )
}

#[test]
fn an_error_stays_within_the_width_of_a_terminal() {
    let program = env!("CARGO_BIN_EXE_talos-pki");
    let command = format!(
        "'{program}' convert missing -o out --with-kubespan --with-cluster-discovery=false"
    );
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .expect("`script` of util-linux");
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.starts_with("error: --with-kubespan needs"), "{shown}");
    assert!(shown.lines().count() > 1, "{shown}");
    assert!(
        shown.lines().all(|line| line.trim_end().len() <= 80),
        "{shown}"
    );
}

#[test]
fn the_right_passphrase_opens_the_key_and_is_not_shown() {
    let shown = scan(PASSPHRASE);
    assert!(
        shown.contains("passphrase of the encrypted keys:"),
        "{shown}"
    );
    assert!(shown.contains("Sound."), "{shown}");
    assert!(
        !shown.contains('░'),
        "a progress bar for work that is done at once: {shown}"
    );
    assert!(!shown.contains(PASSPHRASE), "{shown}");
}

#[test]
fn no_answer_leaves_the_key_encrypted() {
    let shown = scan("");
    assert!(shown.contains("error[key-encrypted]"), "{shown}");
}

#[test]
fn what_comes_through_a_pipe_is_opened_as_well() {
    let copy = copy_of("broken/encrypted-traditional-key");
    let folder = copy.path().display();
    let pki = copy.path().join("pki");
    let pki = pki.display();
    for command in [
        format!("tar c -C '{folder}' . | '{{program}}' scan - --now {NOW}"),
        format!("'{{program}}' scan <(tar c -C '{folder}' .) --now {NOW}"),
        format!(
            "'{{program}}' gen secrets -o /dev/null --talos-version v1.6 --now {NOW} \
             --kubernetes-ca-crt '{pki}/ca.crt' --kubernetes-ca-key <(cat '{pki}/ca.key')"
        ),
    ] {
        let shown = at_a_terminal(&command, PASSPHRASE);
        let is_done = shown.contains("Sound.") || shown.contains("wrote      /dev/null");
        assert!(is_done, "{command}: {shown}");
        let asked = shown.matches("passphrase of the encrypted keys:").count();
        assert_eq!(asked, 1, "{command}: {shown}");
    }
}
