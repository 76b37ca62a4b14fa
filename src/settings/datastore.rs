//! Where a cluster keeps its objects, by what its settings say.

use super::{Component, Entry, Flag, Settings};

/// Where the objects of a cluster are, and what says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datastore {
    /// What keeps them.
    pub kind: DatastoreKind,
    /// The file, or whose defaults they are, and the setting; never a value with a password.
    pub evidence: String,
}

/// What keeps the objects of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatastoreKind {
    /// etcd, wherever it runs.
    Etcd,
    /// Something behind a socket of the node: kine before SQLite, or dqlite. etcd never is.
    Socket,
    /// A database outside, behind kine.
    Database,
}

impl Settings {
    /// Where the objects of the cluster are; nothing if no setting tells.
    #[must_use]
    pub fn datastore(&self) -> Option<Datastore> {
        let process = self.component(Component::ApiServer);
        let servers = process.and_then(|process| {
            let mut flags = process.flags.iter().rev();
            let flag = flags.find(|flag| flag.name == "etcd-servers")?;
            Some(of_flag(process.origin_of(flag), flag))
        });
        let told = self.distribution.as_ref().and_then(|told| {
            let entries = told.all("datastore-endpoint");
            entries
                .filter(|entry| !entry.value.expose().is_empty())
                .last()
        });
        match (servers, told.map(of_endpoint)) {
            // kine has a socket, whatever is behind it.
            (Some(servers), Some(endpoint)) if servers.kind == DatastoreKind::Socket => {
                Some(endpoint)
            }
            (servers, endpoint) => servers.or(endpoint),
        }
    }
}

fn of_flag(origin: &str, flag: &Flag) -> Datastore {
    let kind = if flag.value.starts_with("unix:") {
        DatastoreKind::Socket
    } else {
        DatastoreKind::Etcd
    };
    let evidence = format!("{origin}: --etcd-servers={}", flag.value);
    Datastore { kind, evidence }
}

/// `datastore-endpoint` of k3s and RKE2, in which a password may stand.
///
/// Source: "Cluster Datastore Options" in the documentation of k3s.
fn of_endpoint(entry: &Entry) -> Datastore {
    let endpoint = entry.value.expose();
    let kind = match endpoint.split("://").next() {
        Some("http" | "https") => DatastoreKind::Etcd,
        Some("sqlite") => DatastoreKind::Socket,
        _ => DatastoreKind::Database,
    };
    let evidence = format!("{}: datastore-endpoint", entry.origin);
    Datastore { kind, evidence }
}
