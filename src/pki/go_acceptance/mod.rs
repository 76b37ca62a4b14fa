//! Placeholder.
/// Refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("x")]
pub struct Refusal;
/// Refusal of der.
pub fn refusal(_der: &[u8]) -> Option<Refusal> { None }
