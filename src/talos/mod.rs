//! The Talos side: the secrets bundle, version contracts, tokens, and YAML as Talos writes it.
//!
//! Everything here follows Talos's own library to the byte, because people keep these files under
//! version control and compare them. It knows `pki`, and the names of the slots from `cluster`;
//! it knows no file and no layout.

mod bundle;
mod contract;
pub mod encoded_pem;
pub mod file;
pub mod go_yaml;
pub mod random;
pub mod yaml_tree;

pub use bundle::{Bundle, BundleError, EncryptionSecret};
pub use contract::{Contract, ContractError};
