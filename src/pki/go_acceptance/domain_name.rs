//! Domain names, as far as Go looks at them.
//!
//! RFC 1034 would forbid far more: Go neither limits lengths nor asks for letters, digits and
//! hyphens, because too many certificates in use would fail.

/// Whether this is a run of nonempty labels of visible ASCII with single dots between, or nothing.
pub(super) fn is_valid(name: &[u8]) -> bool {
    name.is_empty()
        || name
            .split(|&octet| octet == b'.')
            .all(|label| !label.is_empty() && label.iter().all(u8::is_ascii_graphic))
}

/// Whether this is valid as a name constraint, where one leading dot stands for "any host below".
pub(super) fn is_valid_constraint(name: &[u8]) -> bool {
    match name.strip_prefix(b".") {
        Some([]) => false,
        Some(parent) => is_valid(parent),
        None => is_valid(name),
    }
}
