//! JSON as Go's `json.Encoder` writes it: on one line, and safe to stand in HTML.

use std::fmt::Write;

use super::fields::{Field, Value};
use crate::pki::Secret;

/// Writes `fields` as an object, with one line feed at the end.
pub(super) fn write(fields: &[Field<'_>]) -> Secret<String> {
    let limit = size_limit(fields) + 1;
    let mut text = String::with_capacity(limit);
    write_object(&mut text, fields);
    text.push('\n');
    debug_assert!(text.len() <= limit, "it was allocated twice");
    Secret::new(text)
}

/// An upper bound of the size, so that the text is allocated once and no copy of a secret stays
/// behind in memory.
fn size_limit(fields: &[Field<'_>]) -> usize {
    let field = |field: &Field<'_>| {
        let value = match &field.value {
            Value::Fields(inner) => size_limit(inner),
            Value::Pem(encoded) => encoded.expose().len(),
            // A byte becomes 6 at most, `\u0007`.
            Value::Text(text) => 6 * text.len(),
        };
        field.json_name.len() + value + 6
    };
    2 + fields.iter().map(field).sum::<usize>()
}

fn write_object(text: &mut String, fields: &[Field<'_>]) {
    text.push('{');
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_string(text, field.json_name);
        text.push(':');
        match &field.value {
            Value::Fields(inner) => write_object(text, inner),
            Value::Pem(encoded) => write_string(text, encoded.expose()),
            Value::Text(value) => write_string(text, value),
        }
    }
    text.push('}');
}

fn write_string(text: &mut String, value: &str) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            // The last two end a line in JavaScript, but not in JSON.
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a `String` does not fail.
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}
