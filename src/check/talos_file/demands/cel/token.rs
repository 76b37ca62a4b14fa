//! The words and signs of an expression.

/// A word or sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Name(String),
    Int,
    Uint,
    Double,
    Text(String),
    Bytes,
    Sign(&'static str),
}

/// Longer ones first.
const SIGNS: [&str; 26] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "(", ")", "[", "]",
    "{", "}", ".", ",", ":", "?", "=", "&",
];

/// Splits `text`.
pub(super) fn split(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (token, after) = next(rest)?;
        tokens.extend(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn next(rest: &str) -> Result<(Option<Token>, &str), String> {
    if let Some(comment) = rest.strip_prefix("//") {
        let end = comment.find('\n').unwrap_or(comment.len());
        return Ok((None, comment.get(end..).unwrap_or_default()));
    }
    let first = rest.chars().next().unwrap_or_default();
    if let Some((token, after)) = quoted(rest)? {
        return Ok((Some(token), after));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let is_part = |one: char| one.is_ascii_alphanumeric() || one == '_';
        let end = rest.find(|one| !is_part(one)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        return Ok((Some(Token::Name(name.to_owned())), after));
    }
    let second = rest.chars().nth(1).unwrap_or_default();
    if first.is_ascii_digit() || first == '.' && second.is_ascii_digit() {
        return Ok(number(rest));
    }
    let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
    match sign {
        Some(sign) if !["=", "&"].contains(sign) => Ok((
            Some(Token::Sign(sign)),
            rest.get(sign.len()..).unwrap_or_default(),
        )),
        _ => Err(format!("`{}` has no meaning there", first.escape_debug())),
    }
}

/// A text in quotes of either kind, one or three of them, perhaps raw or bytes.
fn quoted(rest: &str) -> Result<Option<(Token, &str)>, String> {
    let body = rest.trim_start_matches(['r', 'R', 'b', 'B']);
    let prefix = rest.get(..rest.len() - body.len()).unwrap_or_default();
    let marks = ["'''", "\"\"\"", "'", "\""];
    let Some(mark) = marks.iter().find(|mark| body.starts_with(**mark)) else {
        return Ok(None);
    };
    if prefix.len() > 2 {
        return Ok(None);
    }
    let is_raw = prefix.contains(['r', 'R']);
    let inner = body.get(mark.len()..).unwrap_or_default();
    let mut is_escaped = false;
    for (position, one) in inner.char_indices() {
        let at = inner.get(position..).unwrap_or_default();
        if is_escaped {
            is_escaped = false;
        } else if one == '\\' && !is_raw {
            is_escaped = true;
        } else if at.starts_with(mark) {
            let after = at.get(mark.len()..).unwrap_or_default();
            let text = inner.get(..position).unwrap_or_default().to_owned();
            let is_bytes = prefix.contains(['b', 'B']);
            let token = if is_bytes {
                Token::Bytes
            } else {
                Token::Text(text)
            };
            return Ok(Some((token, after)));
        } else if one == '\n' && mark.len() == 1 {
            break;
        }
    }
    Err("a text has no end".to_owned())
}

fn number(rest: &str) -> (Option<Token>, &str) {
    let is_hexadecimal = rest.starts_with("0x") || rest.starts_with("0X");
    let start = if is_hexadecimal { 2 } else { 0 };
    let mut end = start;
    let mut is_double = false;
    let bytes = rest.as_bytes();
    while let Some(byte) = bytes.get(end) {
        let after = bytes.get(end + 1).copied().unwrap_or_default();
        match byte {
            b'0'..=b'9' => {}
            b'a'..=b'f' | b'A'..=b'F' if is_hexadecimal => {}
            b'.' if !is_hexadecimal && !is_double && after.is_ascii_digit() => is_double = true,
            b'e' | b'E' if after.is_ascii_digit() || b"+-".contains(&after) => {
                is_double = true;
                end += 1;
            }
            _ => break,
        }
        end += 1;
    }
    let after = rest.get(end..).unwrap_or_default();
    match after.strip_prefix(['u', 'U']) {
        Some(after) if !is_double => (Some(Token::Uint), after),
        _ if is_double => (Some(Token::Double), after),
        _ => (Some(Token::Int), after),
    }
}
