//! Many clusters at once: who belongs to a fleet, all of them on all cores, and what was made of each,
//! in a folder of its own.
//!
//! `members` finds the clusters, and `run` takes them in the order of their names. A folder that is made
//! has a `mark` in it, with the `fingerprint` of everything that it was made from: so `output` knows
//! what is done, what has changed since, and what it may remove. Nothing here is about one kind of
//! work, and no cluster is kept.

mod fingerprint;
mod mark;
mod member;
mod members;
mod name;
mod output;
mod run;
mod summary;

pub use fingerprint::Fingerprint;
pub use mark::Mark;
pub use member::{Member, MemberError};
pub use members::{Fleet, FleetError};
pub use output::{Output, OutputError, Standing};
pub use run::{Panicked, run};
pub use summary::Summary;
