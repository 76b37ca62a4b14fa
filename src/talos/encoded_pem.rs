//! PEM in base64, as bundles and machine configurations hold it.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, PAD};

use crate::pki::Secret;

/// Go's `base64.StdEncoding`: padding is demanded, loose bits before it are not looked at.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, PAD.with_decode_allow_trailing_bits(true));

/// What Talos puts in the place of a key that is not to be shown.
pub const REDACTED: &str = "******";

/// Why there is no PEM in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodingError {
    /// It is not base64.
    #[error("it is not base64")]
    NotBase64,
    /// There is no PEM block in it.
    #[error("there is no PEM block in it")]
    NoPem,
    /// It was taken out.
    #[error("it was redacted (`******`)")]
    Redacted,
}

/// Puts base64 around PEM, on one line.
#[must_use]
pub fn encode(pem: &str) -> Secret<String> {
    Secret::new(BASE64.encode(pem))
}

/// Takes the base64 off. Line ends in it are overlooked, as Go does; what is inside is not looked
/// at. A value that was redacted is an error.
pub fn decode(value: &str) -> Result<Secret<Vec<u8>>, EncodingError> {
    if value == REDACTED {
        return Err(EncodingError::Redacted);
    }
    let decoded = if memchr::memchr2(b'\r', b'\n', value.as_bytes()).is_some() {
        let mut compact = String::with_capacity(value.len());
        compact.extend(value.split(['\r', '\n']));
        BASE64.decode(Secret::new(compact).expose())
    } else {
        BASE64.decode(value)
    };
    decoded
        .map(Secret::new)
        .map_err(|_| EncodingError::NotBase64)
}
