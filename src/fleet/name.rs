//! The name of a cluster's folder.

use std::borrow::Cow;
use std::fmt::Write;

/// A name of one part, whatever stands in `name`, and another for every other: what is neither a letter
/// nor a digit nor one of `-_.+@=` is written as `%` and its bytes in hexadecimal, and so is a dot at
/// the start, which would hide the folder or lead out of it.
pub(super) fn folder_name(name: &[u8]) -> Cow<'_, str> {
    let folder = escaped(name);
    match str::from_utf8(name) {
        Ok(name) if name == folder => Cow::Borrowed(name),
        _ => Cow::Owned(folder),
    }
}

fn escaped(name: &[u8]) -> String {
    let mut folder = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            let is_plain = character.is_alphanumeric()
                || "-_+@=".contains(character)
                || (character == '.' && !folder.is_empty());
            if is_plain {
                folder.push(character);
            } else {
                escape(&mut folder, character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        escape(&mut folder, chunk.invalid());
    }
    folder
}

fn escape(folder: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(folder, "%{byte:02X}");
    }
}

#[cfg(test)]
mod tests {
    use super::folder_name;

    #[test]
    fn no_name_leads_out_of_its_folder() {
        let names: [(&[u8], &str); 9] = [
            (b"prod-1.eu_west", "prod-1.eu_west"),
            ("köln".as_bytes(), "köln"),
            (b"..", "%2E."),
            (b".hidden", "%2Ehidden"),
            (b"../../etc", "%2E.%2F..%2Fetc"),
            (b"a\x1b[2J\n", "a%1B%5B2J%0A"),
            (b"a%2F", "a%252F"),
            (b"\xff", "%FF"),
            ("a\u{202e}b".as_bytes(), "a%E2%80%AEb"),
        ];
        for (name, folder) in names {
            assert_eq!(folder_name(name), folder);
        }
    }
}
