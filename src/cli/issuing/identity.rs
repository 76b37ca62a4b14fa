//! Whom a certificate is about.

use std::net::IpAddr;

use clap::Args;

use super::error::IssuingError;
use crate::cli::arguments::contract;
use crate::pki::Subject;
use crate::talos::{Contract, Role};

/// Whom a certificate is about.
#[derive(Debug, Args)]
#[command(next_help_heading = "Identity")]
pub(super) struct IdentityArguments {
    /// Roles of a client of Talos's API (repeatable, or separated by commas) [default: os:admin,
    /// or none with --common-name]
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    roles: Vec<String>,

    /// Common name, such as a node's host name
    #[arg(long, value_name = "NAME")]
    common_name: Option<String>,

    /// IP address of a server (repeatable, or separated by commas)
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',')]
    pub(super) ip: Vec<IpAddr>,

    /// DNS name of a server (repeatable, or separated by commas)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    dns: Vec<String>,

    /// The Talos version that has the roles
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = contract)]
    talos_version: Contract,
}

impl IdentityArguments {
    pub(super) fn dns_names(&self) -> Vec<&str> {
        self.dns.iter().map(String::as_str).collect()
    }

    /// The names of the roles, which Talos must have.
    pub(super) fn roles(&self) -> Result<Vec<&'static str>, IssuingError> {
        if self.roles.is_empty() {
            let roles = if self.common_name.is_some() {
                vec![]
            } else {
                vec![Role::Admin.name()]
            };
            return Ok(roles);
        }
        let roles = self.roles.iter().map(|name| {
            let role = Role::named(name, self.talos_version);
            role.map(Role::name).map_err(|error| IssuingError::Flag {
                flag: "--roles",
                reason: error.to_string(),
            })
        });
        let mut roles = roles.collect::<Result<Vec<_>, _>>()?;
        roles.sort_unstable();
        roles.dedup();
        Ok(roles)
    }

    pub(super) fn subject<'a>(&'a self, roles: &'a [&'a str]) -> Subject<'a> {
        Subject {
            common_name: self.common_name.as_deref(),
            organizations: roles,
        }
    }
}
