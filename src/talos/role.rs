//! The roles of Talos's API, which a client certificate has as its organizations.

use std::fmt;
use std::str::FromStr;

use super::Contract;

/// A role that a client of Talos's API can have (`pkg/machinery/role`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Every method.
    Admin,
    /// What a reader may, and managing machines without seeing secrets, such as a reboot.
    Operator,
    /// Methods that change nothing and show no secret.
    Reader,
    /// Taking a snapshot of etcd.
    EtcdBackup,
    /// Verifying images.
    ImageVerifier,
    /// Writing and deleting META values.
    MetaWriter,
    /// Acting with the roles that a request names. Talos itself has it, to pass requests on.
    Impersonator,
}

/// A role that a Talos version does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Talos {contract} has no role {name:?}; it has {}", in_words(*.contract))]
pub struct RoleError {
    name: String,
    contract: Contract,
}

impl Role {
    /// All roles, in Talos's own order.
    pub const ALL: [Self; 7] = [
        Self::Admin,
        Self::Operator,
        Self::Reader,
        Self::EtcdBackup,
        Self::ImageVerifier,
        Self::MetaWriter,
        Self::Impersonator,
    ];

    /// The role that `contract` has under this name, blanks around it left out as Talos does.
    pub fn named(name: &str, contract: Contract) -> Result<Self, RoleError> {
        let name = name.trim();
        let mut known = Self::ALL.into_iter();
        known
            .find(|role| role.name() == name && role.exists_in(contract))
            .ok_or_else(|| RoleError {
                name: name.to_owned(),
                contract,
            })
    }

    /// Its name: an organization of the client certificate.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "os:admin",
            Self::Operator => "os:operator",
            Self::Reader => "os:reader",
            Self::EtcdBackup => "os:etcd:backup",
            Self::ImageVerifier => "os:image:verifier",
            Self::MetaWriter => "os:meta:writer",
            Self::Impersonator => "os:impersonator",
        }
    }

    /// Whether Talos of this version knows it. An older one takes it for no role at all.
    #[must_use]
    pub fn exists_in(self, contract: Contract) -> bool {
        match self {
            Self::ImageVerifier | Self::MetaWriter => contract.has_image_and_meta_roles(),
            Self::Admin | Self::Operator | Self::Reader | Self::EtcdBackup | Self::Impersonator => {
                true
            }
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = RoleError;

    /// Reads the name of a role that the current Talos version has.
    fn from_str(name: &str) -> Result<Self, RoleError> {
        Self::named(name, Contract::CURRENT)
    }
}

fn in_words(contract: Contract) -> String {
    let roles = Role::ALL
        .iter()
        .filter(|role| role.exists_in(contract))
        .map(|role| role.name());
    roles.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_newest_roles_begin_with_talos_1_13() {
        let older: Contract = "v1.12".parse().unwrap();
        let newer: Contract = "v1.13".parse().unwrap();
        assert_eq!(Role::named(" os:meta:writer ", newer), Ok(Role::MetaWriter));
        let error = Role::named("os:meta:writer", older).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Talos v1.12 has no role \"os:meta:writer\"; it has os:admin, os:operator, os:reader, \
             os:etcd:backup, os:impersonator"
        );
    }

    #[test]
    fn every_role_is_read_by_its_name() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert!("admin".parse::<Role>().is_err());
    }
}
