//! What stops these commands.

use std::fmt::Display;

use crate::check::validity::day;
use crate::cluster::CaSlot;
use crate::layout::talos::TalosConfigError;
use crate::pki::{IssueError, KeyMismatch};
use crate::source::SourceError;
use crate::talos::{EndpointError, RoleError, TalosconfigError};
use jiff::Timestamp;

#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum ClientError {
    #[error("`{file}` has a CA that cannot be read: {reason}")]
    AcceptedAuthority { file: String, reason: String },
    #[error("the {slot} ended on {}; nobody would accept what it issues", day(*.ended))]
    AuthorityEnded { slot: CaSlot, ended: Timestamp },
    #[error("the {slot} begins on {}; nobody would accept what it issues before", day(*.begins))]
    AuthorityNotBegun { slot: CaSlot, begins: Timestamp },
    #[error("`{file}` has no usable {slot}: {reason}")]
    Authority {
        file: String,
        slot: CaSlot,
        reason: String,
    },
    #[error("{what} is empty, too long, or has control characters")]
    Characters { what: &'static str },
    #[error("`{file}` has no usable endpoint: {error}; give --endpoint")]
    ConfiguredEndpoint { file: String, error: EndpointError },
    #[error("`{file}` sets a lifetime of `{text}`, which is none; give --ttl")]
    ConfiguredLifetime { file: String, text: String },
    #[error("`{file}` has no endpoint; give --endpoint https://HOST:6443")]
    EndpointMissing { file: String },
    #[error(transparent)]
    Issue(#[from] IssueError),
    #[error("the certificate would hold longer than time can be written")]
    Lifetime,
    #[error("{slot}: {error}")]
    Mismatch { slot: CaSlot, error: KeyMismatch },
    #[error("`{file}` does not name the cluster; give --name")]
    NameMissing { file: String },
    #[error("there is no talosconfig to show: neither $TALOSCONFIG nor $HOME is set; give a path")]
    NoDefaultPath,
    #[error(transparent)]
    Role(#[from] RoleError),
    #[error("the roles of the context `{context}` cannot be kept: {reason}; give --roles")]
    Roles { context: String, reason: String },
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("--crt-ttl is not longer than --if-expires-within: each run would renew")]
    ShortLived,
    #[error("an existing talosconfig is changed in its file; `-` is none")]
    StandardOutput,
    #[error(transparent)]
    TalosConfig(#[from] TalosConfigError),
    #[error("`{file}` cannot be used: {}", joined(.problems))]
    Talosconfig {
        file: String,
        problems: Vec<TalosconfigError>,
    },
}

fn joined(problems: &[impl Display]) -> String {
    let problems = problems.iter().map(ToString::to_string);
    problems.collect::<Vec<_>>().join("; ")
}
