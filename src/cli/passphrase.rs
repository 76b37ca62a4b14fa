//! The passphrase of encrypted keys: from a file, from the environment, or from the person.

use std::env;
use std::path::Path;

use super::CommandError;
use super::printer::Printer;
use crate::pki::Secret;
use crate::source;

/// The environment variable with the passphrase.
const VARIABLE: &str = "TALOS_PKI_PASSPHRASE";

/// The passphrase in `file`, or else in the environment, if it is in either.
pub(super) fn given(file: Option<&Path>) -> Result<Option<Secret<String>>, CommandError> {
    let Some(path) = file else {
        // Empty is how a script unsets a variable.
        let text = env::var(VARIABLE).ok().filter(|text| !text.is_empty());
        return Ok(text.map(Secret::new));
    };
    let content = source::read_file(path)?;
    let text = std::str::from_utf8(&content.bytes).map_err(|_| CommandError::Passphrase {
        from: format!(" in `{}`", path.display()),
        reason: "it is not UTF-8 text".to_owned(),
    })?;
    // Editors end a file with a newline, which nobody means to be part of a passphrase.
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(Some(Secret::new(line.to_owned())))
}

/// Asks the person for it; nothing if there is no terminal, or no answer.
pub(super) fn asked() -> Result<Option<Secret<String>>, CommandError> {
    if !Printer::is_watched() {
        return Ok(None);
    }
    let answer = rpassword::prompt_password("passphrase of the encrypted keys: ");
    let answer = answer.map_err(|error| CommandError::Passphrase {
        from: " from the terminal".to_owned(),
        reason: error.to_string(),
    })?;
    Ok((!answer.is_empty()).then(|| Secret::new(answer)))
}
