//! The choice of what a certificate is for.

use clap::{Args, ValueEnum};

use crate::pki::Purpose;

/// What a certificate is for.
#[derive(Debug, Args)]
pub(super) struct PurposeArguments {
    /// What the certificate is for
    #[arg(long, value_enum, default_value_t, value_name = "PURPOSE")]
    purpose: PurposeChoice,

    /// The same as --purpose server
    #[arg(long, conflicts_with = "purpose")]
    server: bool,
}

impl PurposeArguments {
    pub(super) fn purpose(&self) -> Purpose {
        match self.purpose {
            _ if self.server => Purpose::Server,
            PurposeChoice::Client => Purpose::Client,
            PurposeChoice::Server => Purpose::Server,
            PurposeChoice::ServerAndClient => Purpose::ServerAndClient,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum PurposeChoice {
    /// A client: of Talos's API, its organizations are its roles
    #[default]
    Client,
    /// A server, such as a node's apid: organizations are left out, as trustd does
    Server,
    /// Both, as a member of etcd; Talos's API takes no such client
    ServerAndClient,
}

/// The purpose in words.
pub(super) fn in_words(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Client => "client",
        Purpose::Server => "server",
        Purpose::ServerAndClient => "server and client",
    }
}
