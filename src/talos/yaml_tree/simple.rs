//! YAML of the simplest kind, as Talos writes a secrets bundle: names, and below them further names
//! or texts in which no character has a meaning.
//!
//! It says what the library says, in a tenth of the time, or nothing: whatever is not quite so simple
//! is left to the library.

use super::Tree;

/// More levels, or longer names, are left to the library, which has its own limits.
const MAX_DEPTH: usize = 16;
const MAX_NAME: usize = 64;

/// A mapping that is being read.
struct Open<'a> {
    indent: usize,
    entries: Vec<(String, Tree)>,
    /// The last name, if its value is below.
    waiting: Option<&'a str>,
}

/// The only document of `text`. Nothing if anything in it is out of the ordinary.
pub(super) fn read(text: &[u8]) -> Option<Tree> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('\n')?;
    let mut open = vec![Open::at(0)];
    for line in text.split('\n') {
        let (name, value) = line.split_once(':')?;
        let indented = name.len();
        let name = name.trim_start_matches(' ');
        let indent = indented - name.len();
        if !is_simple_name(name) {
            return None;
        }
        let deepest = open.last()?;
        if deepest.waiting.is_some() {
            if indent <= deepest.indent || open.len() == MAX_DEPTH {
                return None;
            }
            open.push(Open::at(indent));
        }
        while open.last()?.indent > indent {
            close(&mut open)?;
        }
        let mapping = open.last_mut()?;
        if mapping.indent != indent {
            return None;
        }
        if value.is_empty() {
            mapping.waiting = Some(name);
        } else {
            let value = value
                .strip_prefix(' ')
                .filter(|value| is_simple_text(value))?;
            mapping
                .entries
                .push((name.to_owned(), Tree::text_of(value)));
        }
    }
    while open.len() > 1 {
        close(&mut open)?;
    }
    let root = open.pop()?;
    root.waiting
        .is_none()
        .then_some(Tree::Mapping(root.entries))
}

impl Open<'_> {
    fn at(indent: usize) -> Self {
        Self {
            indent,
            entries: Vec::new(),
            waiting: None,
        }
    }
}

/// Closes the deepest mapping: it becomes a value of the one that it stands in.
fn close(open: &mut Vec<Open<'_>>) -> Option<()> {
    let closed = open.pop()?;
    let outer = open.last_mut()?;
    if closed.waiting.is_some() {
        return None;
    }
    let name = outer.waiting.take()?.to_owned();
    outer.entries.push((name, Tree::Mapping(closed.entries)));
    Some(())
}

fn is_simple_name(name: &str) -> bool {
    let is_word = ["null", "true", "false"]
        .iter()
        .any(|word| name.eq_ignore_ascii_case(word));
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.len() <= MAX_NAME
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !is_word
}

/// Whether `value` is a text to every reader: it is longer than every word that YAML knows, and begins
/// with a letter or has one that no number has.
fn is_simple_text(value: &str) -> bool {
    let is_of_no_number = |byte: &u8| {
        matches!(byte, b'g'..=b'z' | b'G'..=b'Z')
            && !matches!(byte.to_ascii_lowercase(), b'i' | b'n' | b'o' | b'x')
    };
    let (bytes, first) = (value.as_bytes(), value.as_bytes().first());
    bytes.len() > "false".len()
        && first.is_some_and(|first| first.is_ascii_alphanumeric() || matches!(first, b'+' | b'/'))
        && bytes.iter().all(|byte| IS_SIMPLE[usize::from(*byte)])
        && (first.is_some_and(u8::is_ascii_alphabetic) || bytes.iter().any(is_of_no_number))
}

/// The letters of base64, and those of tokens.
const IS_SIMPLE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'.' | b'-' | b'_');
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every value with its path, and whether YAML takes it for a number.
    fn leaves(tree: &Tree) -> Vec<(String, Option<&str>, bool)> {
        let leaf = |(path, leaf)| {
            let leaf: &Tree = leaf;
            (path, leaf.text(), matches!(leaf, Tree::Plain(_)))
        };
        tree.leaves().into_iter().map(leaf).collect()
    }

    #[test]
    fn a_bundle_is_simple() {
        let text = b"cluster:\n    id: 4n3Zw==\n    secret: kXw/+0=\ncerts:\n    os:\n        crt: LS0tLS1CRUdJTg==\n";
        let tree = read(text).expect("it");
        let paths: Vec<_> = tree.leaves().into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["cluster.id", "cluster.secret", "certs.os.crt"]);
        assert_eq!(tree.at("cluster.id").and_then(Tree::text), Some("4n3Zw=="));
    }

    #[test]
    fn what_is_not_simple_is_left_to_the_library() {
        for text in [
            "",
            "\n",
            "a: abcdefg",
            "a:\n",
            "a:\nb: abcdefg\n",
            "a: 123456\n",
            "a: 0xabcdef\n",
            "a: false\n",
            "a: .nannan\n",
            "true: abcdefg\n",
            "a: 'abcdefg'\n",
            "a: abcdefg # b\n",
            "a: abcdefg \n",
            "a: abcdefg\r\n",
            "a: abcdefg\n  b: abcdefg\n",
            "a:\n  b: abcdefg\n c: abcdefg\n",
            "- a\n",
            "a: &b abcdefg\n",
            "a: |\n  b\n",
            "---\na: abcdefg\n",
            " a: abcdefg\nb: abcdefg\n",
            "a: {b: abcdefg}\n",
            "a:b: abcdefg\n",
            "a: abcdéfg\n",
            "a:\tabcdefg\n",
            "\ta: abcdefg\n",
            "a: -abcdefg\n",
        ] {
            assert!(read(text.as_bytes()).is_none(), "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_simple_says_what_the_library_says(
            lines in prop::collection::vec(
                (0_usize..4, "[A-Za-z][a-z0-9]{0,3}|null|true|y", prop_oneof![
                    8 => Just(String::new()),
                    8 => " [A-Za-z0-9+/=._-]{8,16}",
                    2 => " [0-9+][0-9a-fxobeinfEINFT._+]{5,9}",
                    2 => " (\\.inf|NaN|nullnull|falsely|infinity|NaNNaN|nan|1e1000|0o7777777|yesyes|[a-z]{6})",
                    1 => "[ ]?[ -~]{0,10}",
                ]),
                0..6,
            )
        ) {
            let line = |level, name: &str, value: &str| format!("{:1$}{name}:{value}\n", "", 2 * level);
            let (mut text, mut level) = (Vec::new(), 0);
            for (step, name, value) in &lines {
                text.push(line(level, name, value));
                // Mostly where it may go on.
                level = if value.is_empty() { level + 1 } else { level.min(*step) };
            }
            text.push(line(level, "last", " abcdefgh"));
            let text = text.concat();
            if let Some(simple) = read(text.as_bytes()) {
                let library = Tree::read_by_library(text.as_bytes()).expect("YAML");
                prop_assert_eq!(library.len(), 1);
                prop_assert_eq!(leaves(&simple), leaves(&library[0]));
            }
        }
    }
}
