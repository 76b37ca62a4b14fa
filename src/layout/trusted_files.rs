//! The files by which the flags of the API server say whom to trust.

use crate::cluster::{CaSlot, Cluster, Slot};
use crate::settings::{Component, Settings};

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Its keys check tokens of service accounts.
    Tokens,
    /// Its CAs make clients known.
    Clients,
    /// Its CAs make front proxies known.
    FrontProxies,
    /// Its CAs make servers of etcd known.
    Etcd,
}

/// The flag for each. That for tokens may be there several times, and those of every key in every file
/// are accepted.
const FLAGS: [(Trust, &str); 4] = [
    (Trust::Tokens, "service-account-key-file"),
    (Trust::Clients, "client-ca-file"),
    (Trust::FrontProxies, "requestheader-client-ca-file"),
    (Trust::Etcd, "etcd-cafile"),
];

/// A file that a flag names.
#[derive(Debug)]
pub(super) struct TrustedFile {
    pub(super) trust: Trust,
    /// Its path on the node.
    pub(super) host_path: String,
    /// Where the flag stands.
    pub(super) process: String,
    /// Its path in the source, if it is there.
    pub(super) path: Option<String>,
}

/// The files that a person named, in the order of the flags. What a distribution sets by itself has
/// its place in the table of the layout.
pub(super) fn read(settings: &Settings) -> Vec<TrustedFile> {
    let Some(process) = settings.component(Component::ApiServer) else {
        return Vec::new();
    };
    let flags = process.flags.iter();
    let flags = flags.filter(|flag| process.is_chosen(flag) && flag.value.starts_with('/'));
    let files = flags.filter_map(|flag| {
        let mut known = FLAGS.iter();
        let (trust, _) = known.find(|(_, name)| *name == flag.name)?;
        let file = settings.file(process, &flag.value);
        Some(TrustedFile {
            trust: *trust,
            host_path: process.host_path(&flag.value),
            process: process.origin_of(flag).to_owned(),
            path: file.map(|file| file.path.clone()),
        })
    });
    files.collect()
}

/// Those that are not in the source, although others are, with the reason why they are missed. Where
/// nothing fills the slot of `cluster`, a rule of its own says so.
pub(super) fn missed(files: &[TrustedFile], cluster: &Cluster) -> Vec<(String, String)> {
    let is_missed = |file: &&TrustedFile| {
        let mut there = files.iter().filter(|other| other.path.is_some());
        let is_filled = |slot| cluster.origin(Slot::Ca(slot)).is_some();
        file.path.is_none()
            && match file.trust {
                Trust::Tokens => there.any(|other| other.trust == Trust::Tokens),
                Trust::Clients => there.next().is_some() && is_filled(CaSlot::Kubernetes),
                Trust::FrontProxies => there.next().is_some() && is_filled(CaSlot::Aggregator),
                Trust::Etcd => there.next().is_some() && is_filled(CaSlot::Etcd),
            }
    };
    let missed = files.iter().filter(is_missed);
    let missed = missed.map(|file| {
        let what = match file.trust {
            Trust::Tokens => "it checks tokens",
            Trust::Clients => "clients of every CA in it are known",
            Trust::FrontProxies => "front proxies of every CA in it are known",
            Trust::Etcd => "etcd is known by the CAs in it",
        };
        let process = &file.process;
        let reason = format!("`{process}` says that {what}, and it is not in the source");
        (file.host_path.clone(), reason)
    });
    missed.collect()
}
