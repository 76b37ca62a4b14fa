//! The secrets bundle, and what it is made from: written and read as Talos does.
//!
//! Whether the bytes are really Talos's is asked of Talos's own library elsewhere (`tests/peers`);
//! these tests stand alone.

mod contracts;
mod encryption;
#[path = "../fixture/mod.rs"]
mod fixture;
mod known_cluster;
mod known_configs;
mod machine_configs;
mod problems;
mod round_trip;
#[path = "../talos_files/mod.rs"]
mod talos_files;
mod tokens;
