//! Mailboxes of RFC 2821 section 4.1.2, the form of an `rfc822Name` that holds an `@`.

use super::domain_name;

/// Whether this is a local part, an `@`, and a domain name, which may be empty.
pub(super) fn is_valid(mailbox: &[u8]) -> bool {
    if !mailbox.is_ascii() {
        return false;
    }
    let after_local_part = match mailbox.strip_prefix(b"\"") {
        Some(quoted) => after_quoted_string(quoted),
        None => after_dotted_atoms(mailbox),
    };
    after_local_part
        .and_then(|rest| rest.strip_prefix(b"@"))
        .is_some_and(domain_name::is_valid)
}

/// What follows the closing quote of a quoted string whose opening quote has been read.
fn after_quoted_string(mut text: &[u8]) -> Option<&[u8]> {
    loop {
        text = match text {
            [b'"', rest @ ..] => return Some(rest),
            // Tab may be escaped, though it may not stand alone.
            [b'\\', 1..=9 | 11 | 12 | 14..=127, rest @ ..] => rest,
            [b'\\', ..] => return None,
            // The grammar leaves a bare space out, but the examples of RFC 3696 hold one.
            [1..=8 | 11 | 12 | 14..=127, rest @ ..] => rest,
            _ => return None,
        };
    }
}

/// What follows the longest run of atoms and dots, if the dots stand one by one between atoms.
///
/// Any character may be escaped with a backslash, as in the examples of RFC 3696. An escaped dot is
/// a dot all the same.
fn after_dotted_atoms(mut text: &[u8]) -> Option<&[u8]> {
    // As though a dot stood before the local part: another dot, or the end, may not follow it.
    let mut previous = b'.';
    loop {
        let (character, rest) = match text {
            [b'\\', escaped, rest @ ..] => (*escaped, rest),
            [b'\\'] => return None,
            [character, rest @ ..] if is_atom_or_dot(*character) => (*character, rest),
            _ => break,
        };
        if character == b'.' && previous == b'.' {
            return None;
        }
        previous = character;
        text = rest;
    }
    (previous != b'.').then_some(text)
}

fn is_atom_or_dot(character: u8) -> bool {
    character.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&character)
}
