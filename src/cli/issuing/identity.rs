//! Whom a certificate is about.

use std::net::IpAddr;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::error::IssuingError;
use crate::cli::arguments::contract;
use crate::pki::{Purpose, Subject};
use crate::talos::{Contract, Role};

/// Whom a certificate is about.
#[derive(Debug, Args)]
#[command(next_help_heading = "Identity")]
pub(super) struct IdentityArguments {
    /// Roles of a client of Talos's API (repeatable, or separated by commas) [default: os:admin,
    /// or none with --common-name or for a server]
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    roles: Vec<String>,

    /// Common name, such as a node's host name
    #[arg(long, value_name = "NAME")]
    common_name: Option<String>,

    /// IP address of a server (repeatable, or separated by commas)
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',')]
    pub(super) ip: Vec<IpAddr>,

    /// DNS name of a server (repeatable, or separated by commas)
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = NonEmptyStringValueParser::new()
    )]
    dns: Vec<String>,

    /// The Talos version that has the roles
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = contract)]
    talos_version: Contract,
}

impl IdentityArguments {
    pub(super) fn dns_names(&self) -> Vec<&str> {
        self.dns.iter().map(String::as_str).collect()
    }

    /// The names of the roles of what is for `purpose`, which Talos must have. Only a client has any:
    /// a server's organizations would be those of whoever gets hold of its key.
    pub(super) fn roles(&self, purpose: Purpose) -> Result<Vec<&'static str>, IssuingError> {
        let is_client = purpose == Purpose::Client;
        if self.roles.is_empty() {
            let is_administrator = is_client && self.common_name.is_none();
            return Ok(is_administrator
                .then(|| Role::Admin.name())
                .into_iter()
                .collect());
        }
        if !is_client {
            return Err(IssuingError::Flag {
                flag: "--roles",
                reason: "roles are for clients alone; leave them out, or take --purpose client"
                    .to_owned(),
            });
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
