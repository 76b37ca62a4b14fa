//! Brings the trust of an existing Kubernetes cluster to Talos Linux.
//!
//! ```text
//! source ──▶ layout ──▶ cluster ──▶ check ──▶ convert ──▶ talos ──▶ report
//! bytes      whose      what was    is it     what goes   written   told
//!            file is    found       sound?    where       down
//!            which
//! ```
//!
//! Data flows one way. `pki` is used by all rooms and uses none. `docs/architecture.md` tells more.

/// The times in the public interface.
pub use jiff;

pub mod check;
pub mod cli;
pub mod cluster;
pub mod convert;
pub mod fleet;
pub mod layout;
pub mod manifest;
pub mod pki;
mod printable;
pub mod report;
pub mod settings;
pub mod source;
pub mod talos;
