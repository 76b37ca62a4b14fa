//! Keys, certificates and requests: what is made, and what is refused.
//!
//! That Go and OpenSSL see the same in them is asked elsewhere (`scripts/peers`); these tests stand
//! alone.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod commands;
#[path = "../fixture/mod.rs"]
mod fixture;
mod profiles;
mod refusals;
