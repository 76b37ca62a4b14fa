//! What clients log in with: talosconfigs and kubeconfigs, made without a node.
//!
//! Whether Talos and Kubernetes take them is asked of the real programs elsewhere (`tests/peers`);
//! these tests stand alone.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod cluster;
mod config_info;
mod config_new;
mod existing_files;
#[path = "../fixture/mod.rs"]
mod fixture;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../bundle/known_cluster.rs"]
mod known_cluster;
mod kubeconfigs;
mod renewal;
mod snapshots;
mod standard_input;
#[path = "../talos_files/mod.rs"]
mod talos_files;
mod talosconfigs;
