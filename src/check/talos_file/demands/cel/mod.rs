//! Expressions of CEL, by which Talos selects disks, volumes and links: whether they can be read, and
//! whether what they ask is there and of the kind that they take it for.
//!
//! What this does not know of CEL it lets by.

mod environment;
mod kind;
mod parser;
mod token;
mod typing;

pub(super) use environment::{
    Environment, OF_DISKS, OF_LINKS, OF_MEMBERS, OF_OOM_RANKING, OF_OOM_TRIGGER, OF_VOLUMES,
};
use kind::Kind;

/// Why Talos refuses the expression, which has to give `true` or `false`, or a number for a ranking.
pub(super) fn trouble(text: &str, environment: &Environment) -> Option<String> {
    let expression = match parser::parse(text) {
        Ok(Some(expression)) => expression,
        Ok(None) => return None,
        Err(trouble) => return Some(trouble),
    };
    let kind = match typing::kind_of(&expression, environment, &mut Vec::new()) {
        Ok(kind) => kind,
        Err(trouble) => return Some(trouble),
    };
    let is_fit = kind == Kind::Any || kind == environment.gives;
    (!is_fit).then(|| format!("it gives {kind}, and not {}", environment.gives))
}
