//! Input that is made to fill the memory, to take for ever, or to be misread on a terminal.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::objects::{cluster_api, list};
use super::{command, folder_with};

/// Far more than any of these needs, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn refused(text: &str) -> String {
    let folder = folder_with(text);
    let begin = Instant::now();
    let output = command(folder.path(), &["scan", "objects.yaml"])
        .output()
        .unwrap();
    let took = begin.elapsed();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(took < PATIENCE, "{took:?}: {words}");
    words
}

#[test]
fn what_would_fill_the_memory_is_refused() {
    let megabytes = |piece: &str, count: usize| piece.repeat((count << 20) / piece.len());
    for (piece, size, expected) in [
        ("- ", 8, "more than 500000 parts"),
        ("---\n", 8, "more than 500000 parts"),
        ("a: [1, 2, 3]\n---\n", 8, "more than 500000 parts"),
        ("? ", 8, "more than 500000 parts"),
        ("x\n", 33, "more than 32 MiB of text"),
        ("[", 1, "more than 500000 parts"),
    ] {
        let words = refused(&megabytes(piece, size));
        assert!(words.contains(expected), "{piece:?}: {words}");
    }
    let mut laughs = "a0: &a0 x\n".to_owned();
    for number in 1..40 {
        let before = number - 1;
        let _ = writeln!(laughs, "a{number}: &a{number} [*a{before}, *a{before}]");
    }
    assert!(refused(&laughs).contains("aliases"));
}

#[test]
fn a_large_text_without_structure_is_read_in_time() {
    let words = refused(&format!(
        "kind: Secret\ndata: {{x: {}}}\n",
        "A".repeat(30 << 20)
    ));
    assert!(
        words.contains("has no Secret with the PKI of a cluster"),
        "{words}"
    );
}

#[test]
fn names_do_not_control_the_terminal() {
    let mut objects = cluster_api("default/\u{1b}[31mprod", "ecdsa-p256");
    objects.extend(cluster_api("\u{7}/prod", "ecdsa-p256"));
    let words = refused(&list(&objects));
    assert!(words.contains("[31mprod"), "{words}");
    assert!(
        !words
            .chars()
            .any(|character| character.is_control() && character != '\n')
    );
}

#[test]
fn nothing_that_is_cut_off_makes_it_panic() {
    let text = list(&cluster_api("default/prod", "ecdsa-p256"));
    for parts in 1..8 {
        let folder = folder_with(&text[..text.len() * parts / 8]);
        let output = command(folder.path(), &["scan", "objects.yaml"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{parts}");
    }
}
