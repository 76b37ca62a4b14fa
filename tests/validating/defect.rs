//! One thing that is wrong with a sound file, and how it comes into the text.

/// A defect: what is changed in a sound file, and the rules that find something then.
pub(crate) struct Defect {
    pub(crate) name: &'static str,
    pub(crate) text: String,
    pub(crate) rules: &'static [&'static str],
}

/// The text with `from`, which must stand in it, replaced once.
pub(crate) fn change(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "there is nothing to replace: {from}");
    text.replacen(from, to, 1)
}

/// The text without the line that begins with `start`.
pub(crate) fn without(text: &str, start: &str) -> String {
    let is_meant = |line: &&str| !line.trim_start().starts_with(start);
    let kept: Vec<_> = text.lines().filter(is_meant).collect();
    assert!(kept.len() < text.lines().count(), "no line has {start}");
    kept.join("\n") + "\n"
}

/// The text without the document of a kind.
pub(crate) fn without_document(text: &str, kind: &str) -> String {
    let documents: Vec<_> = text.split("\n---\n").collect();
    let is_kept = |document: &&&str| !document.contains(&format!("kind: {kind}\n"));
    let kept: Vec<_> = documents.iter().filter(is_kept).copied().collect();
    assert!(kept.len() < documents.len(), "there is no {kind}");
    kept.join("\n---\n")
}

pub(crate) fn with_document(text: &str, document: &str) -> String {
    format!("{text}---\napiVersion: v1alpha1\n{document}")
}

/// A defect.
pub(crate) fn defect(name: &'static str, text: String, rules: &'static [&'static str]) -> Defect {
    Defect { name, text, rules }
}
