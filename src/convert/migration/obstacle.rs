//! What a later Talos does not start with.

use super::Outcome;
use super::conversion::Conversion;
use super::flags::argument;
use crate::settings::{Component, Flag};

/// A flag that is right for the Talos that was asked for, and with which Talos 1.14 does not start its
/// component: it has to go before the update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The field of the component in a machine configuration, such as `etcd`.
    pub field: &'static str,
    /// The name of the flag.
    pub flag: String,
    /// Whether it stands in what is written; or else a person may have set it.
    pub is_written: bool,
    /// Why it is in the way, and what to do beside taking it out.
    pub why: String,
}

/// Hands a flag on as it is; it has to go before the update.
pub(super) fn argument_until_update(
    conversion: &mut Conversion<'_>,
    component: Component,
    flag: &Flag,
    why: &str,
) -> Outcome {
    let outcome = argument(conversion, component, flag);
    note(conversion, component, flag, outcome.is_converted(), why);
    outcome
}

/// Notes that a flag may not be there when Talos is updated.
pub(super) fn note(
    conversion: &mut Conversion<'_>,
    component: Component,
    flag: &Flag,
    is_written: bool,
    why: &str,
) {
    let field = match component {
        Component::ApiServer => "apiServer",
        Component::ControllerManager => "controllerManager",
        Component::Scheduler => "scheduler",
        Component::Etcd => "etcd",
    };
    let is_known = |known: &Obstacle| known.field == field && known.flag == flag.name;
    if !conversion.obstacles.iter().any(is_known) {
        conversion.obstacles.push(Obstacle {
            field,
            flag: flag.name.clone(),
            is_written,
            why: why.to_owned(),
        });
    }
}
