//! Texts as Go reads them, where Talos's fields have a type of their own.

mod addresses;
mod durations;
mod numbers;
mod sizes;
mod urls;

pub(super) use addresses::{
    Network, address, address_with_port, address_with_zone, has_port, network, subnet,
};
pub(super) use durations::nanoseconds;
pub(in crate::check::talos_file) use numbers::whole;
pub(super) use sizes::{Size, bytes};
pub(super) use urls::Url;
