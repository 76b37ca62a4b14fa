//! Brings the trust of an existing Kubernetes cluster to Talos Linux.
pub mod cluster;
pub mod layout;
pub mod pki;
pub mod source;
