//! Names and addresses of hosts, as flags take them.

/// The name or address of a host.
pub(super) fn host(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    host_or_nothing(text)
}

/// The same in a list that may be empty, as where a script has none to give.
pub(super) fn host_or_nothing(text: &str) -> Result<String, String> {
    if text.contains(char::is_whitespace) {
        return Err("no host has a blank in its name; write commas alone between hosts".to_owned());
    }
    Ok(text.to_owned())
}
