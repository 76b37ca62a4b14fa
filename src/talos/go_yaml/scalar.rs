//! In which form a text is written: bare, in single or double quotes, or as a literal block.

use std::fmt::Write;

use super::{INDENT, indent, resolve};

/// At the beginning of a text it has all of it escaped.
const BYTE_ORDER_MARK: char = '\u{feff}';

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

/// Writes `value`, whose further lines begin at `column`, and tells whether something stands in the
/// last line.
pub(super) fn write(text: &mut String, value: &str, column: usize) -> bool {
    let style = allowed(wanted(value), &Analysis::of(value));
    match style {
        Style::Plain => text.push_str(value),
        Style::SingleQuoted => write_single_quoted(text, value, column),
        Style::DoubleQuoted => write_double_quoted(text, value),
        Style::Literal => write_literal(text, value, column),
    }
    style != Style::Literal || !value.ends_with(is_line_break)
}

/// Writes the name of a mapping's entry, which has to stay in its line.
pub(super) fn write_name(text: &mut String, name: &str) {
    match allowed(wanted(name), &Analysis::of(name)) {
        Style::Plain => text.push_str(name),
        Style::SingleQuoted if !name.contains(is_line_break) => write_single_quoted(text, name, 0),
        _ => write_double_quoted(text, name),
    }
}

/// Whether it is written as it is.
pub(super) fn is_written_bare(value: &str) -> bool {
    allowed(wanted(value), &Analysis::of(value)) == Style::Plain
}

/// The form that suits the meaning of the text.
fn wanted(value: &str) -> Style {
    if value.contains('\n') {
        let is_blank = value.chars().all(char::is_whitespace);
        return if is_blank {
            Style::DoubleQuoted
        } else {
            Style::Literal
        };
    }
    if resolve::was_special_in_yaml_1_1(value) {
        Style::SingleQuoted
    } else if resolve::is_text(value) {
        Style::Plain
    } else {
        Style::DoubleQuoted
    }
}

/// The nearest form in which the text can be written.
fn allowed(wanted: Style, analysis: &Analysis) -> Style {
    match wanted {
        Style::Plain if analysis.plain => Style::Plain,
        Style::Plain | Style::SingleQuoted if analysis.single_quoted => Style::SingleQuoted,
        Style::Literal if analysis.literal => Style::Literal,
        _ => Style::DoubleQuoted,
    }
}

/// The forms in which a text can be written, by its characters alone.
struct Analysis {
    plain: bool,
    single_quoted: bool,
    literal: bool,
}

impl Analysis {
    /// Most of what is written is long and base64: ordinary characters are passed over.
    fn of(value: &str) -> Self {
        let mut indicators = value.starts_with("---") || value.starts_with("...");
        let (mut tabs, mut specials, mut breaks) = (false, false, false);
        let (mut space_before_break, mut break_before_space) = (false, false);
        let mut rest = value;
        while let Some(position) = rest.bytes().position(is_out_of_the_ordinary) {
            // Bytes before it are ASCII, so a character begins here.
            let (_, at) = rest.split_at(position);
            let mut characters = at.chars();
            let Some(character) = characters.next() else {
                break;
            };
            rest = characters.as_str();
            let previous = value[..value.len() - at.len()].chars().next_back();
            let before_blank = rest.is_empty() || rest.starts_with([' ', '\t']);
            indicators |= is_indicator(character, previous, before_blank);
            tabs |= character == '\t';
            specials |= character != '\t' && !is_printable(character);
            breaks |= is_line_break(character);
            space_before_break |= previous == Some(' ') && is_line_break(character);
            break_before_space |= previous.is_some_and(is_line_break) && character == ' ';
        }
        let single_quoted = !(break_before_space || space_before_break || tabs || specials);
        let spaced = value.starts_with(' ') || value.ends_with(' ');
        Self {
            plain: single_quoted && !(indicators || breaks || spaced),
            single_quoted,
            literal: !(space_before_break || specials || value.ends_with(' ')),
        }
    }
}

/// Whether a byte is, or may belong to, a character that means something in some place, is escaped
/// or breaks a line.
fn is_out_of_the_ordinary(byte: u8) -> bool {
    !IS_ORDINARY[usize::from(byte)]
}

/// A table answers faster than comparisons.
const IS_ORDINARY: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'.' | b'_');
        byte += 1;
    }
    table
};

/// An upper bound of what `value` becomes, without its quotes, if each of its lines is indented by
/// `indent`. A byte becomes 4 at most, `\x07`.
pub(super) fn size_limit(value: &str, indent: usize) -> usize {
    if value.starts_with(BYTE_ORDER_MARK) {
        return (4 + indent) * value.len() + indent;
    }
    let special = value.bytes().filter(|byte| is_out_of_the_ordinary(*byte));
    let (specials, breaks) = special.fold((0, 0), |(specials, breaks), byte| {
        (
            specials + 1,
            breaks + usize::from(may_begin_line_break(byte)),
        )
    });
    value.len() + 3 * specials + indent * (1 + breaks)
}

/// Whether a character has a meaning of its own where it stands.
fn is_indicator(character: char, previous: Option<char>, before_blank: bool) -> bool {
    match (previous, character) {
        (None, '-' | '?') | (_, ':') => before_blank,
        (None, _) => "#,[]{}&*!|>'\"%@`".contains(character),
        (Some(previous), '#') => matches!(previous, ' ' | '\t' | '\0') || is_line_break(previous),
        _ => false,
    }
}

/// Whether a line break may begin with this byte of UTF-8: U+0085 does with C2, U+2028 with E2.
fn may_begin_line_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | 0xc2 | 0xe2)
}

/// What YAML 1.1 takes for the end of a line.
fn is_line_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a character is written as it is. Those above U+FFFF are not: the encoder knows three
/// bytes of UTF-8 at most.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}') && character != BYTE_ORDER_MARK
}

fn write_single_quoted(text: &mut String, value: &str, column: usize) {
    text.push('\'');
    let mut after_break = false;
    for character in value.chars() {
        let breaks = is_line_break(character);
        if after_break && !breaks {
            indent(text, column);
        }
        if character == '\'' {
            text.push('\'');
        }
        text.push(character);
        after_break = breaks;
    }
    text.push('\'');
}

fn write_double_quoted(text: &mut String, value: &str) {
    // The encoder asks for a byte order mark at each character, but looks at the first.
    let escapes_all = value.starts_with(BYTE_ORDER_MARK);
    text.push('"');
    for character in value.chars() {
        let is_bare = is_printable(character) && !is_line_break(character);
        if is_bare && !escapes_all && !matches!(character, '"' | '\\') {
            text.push(character);
        } else {
            write_escaped(text, character);
        }
    }
    text.push('"');
}

fn write_escaped(text: &mut String, character: char) {
    let short = match character {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' | '\\' => character,
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            let code = u32::from(character);
            // Writing to a `String` does not fail.
            let _ = match code {
                0..=0xff => write!(text, "\\x{code:02X}"),
                0x100..=0xffff => write!(text, "\\u{code:04X}"),
                _ => write!(text, "\\U{code:08X}"),
            };
            return;
        }
    };
    text.push('\\');
    text.push(short);
}

fn write_literal(text: &mut String, value: &str, column: usize) {
    text.push('|');
    if value.starts_with(' ') {
        // A reader would take the first spaces for the indent.
        let _ = write!(text, "{INDENT}");
    }
    match value.strip_suffix(is_line_break) {
        None => text.push('-'),
        Some(rest) if rest.is_empty() || rest.ends_with(is_line_break) => text.push('+'),
        Some(_) => {}
    }
    text.push('\n');
    for line in value.split_inclusive(is_line_break) {
        if !line.starts_with(is_line_break) {
            indent(text, column);
        }
        text.push_str(line);
    }
}
