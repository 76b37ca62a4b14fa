//! Evidence for a distribution: what in a tree tells it from the others.

use super::inventory::Inventory;
use super::place::below;
use crate::settings::DatastoreKind;

/// Something to be seen in a tree, seen from the PKI folder.
pub(super) enum Mark {
    /// It is always so.
    Always,
    /// This file is there.
    File(&'static str),
    /// There are files in this folder; it ends in `/`.
    Folder(&'static str),
    /// The path of the PKI folder ends in this.
    Path(&'static str),
    /// Some path of the tree has this in it.
    Anywhere(&'static str),
    /// The first certificate of this file has a common name that begins so.
    Subject(&'static str, &'static str),
    /// The first certificates of these files are not of one CA.
    Differ(&'static str, &'static str),
    /// Some kubeconfig has a server whose URL has this in it.
    Server(&'static str),
    /// The settings say that the objects are kept so.
    Datastore(DatastoreKind),
    /// No setting says where the objects are kept.
    DatastoreUntold,
    /// Every one of these.
    All(&'static [Self]),
    /// The first of these that is seen.
    Any(&'static [Self]),
    /// The opposite, which is no evidence by itself.
    Not(&'static Self),
}

impl Mark {
    /// What was seen, in words, if it was; `root` is empty or ends in `/`.
    pub(super) fn seen(&self, inventory: &Inventory, root: &str) -> Option<String> {
        match self {
            Self::Always => Some(String::new()),
            Self::File(name) => {
                let path = below(root, name)?;
                inventory.has(&path).then(|| format!("`{path}` is there"))
            }
            Self::Folder(name) => {
                let path = below(root, name)?;
                let is_there = inventory.has_folder(&path);
                is_there.then(|| format!("`{path}` is there"))
            }
            Self::Path(end) => {
                let whole = format!("{}/{root}", inventory.name.trim_end_matches('/'));
                let whole = whole.trim_end_matches('/');
                let rest = whole.strip_suffix(end)?;
                (rest.is_empty() || rest.ends_with('/') || end.starts_with('/'))
                    .then(|| format!("the folder is `{end}`"))
            }
            Self::Anywhere(part) => {
                let mut paths = inventory.paths();
                let path = paths.find(|path| path.contains(part))?;
                Some(format!("`{path}` is there"))
            }
            Self::Subject(name, start) => {
                let path = below(root, name)?;
                let (_, certificate) = inventory.file(&path)?.certificates().next()?;
                let common_name = certificate.subject.common_name();
                common_name
                    .starts_with(start)
                    .then(|| format!("`{path}` is called `{common_name}`"))
            }
            Self::Differ(one, other) => {
                let authority = |name| {
                    let file = inventory.file(&below(root, name)?)?;
                    file.certificates().next().map(|(_, authority)| authority)
                };
                let are_one = authority(one)?.is_same_authority(authority(other)?);
                (!are_one).then(String::new)
            }
            Self::Server(part) => {
                let mut kubeconfigs = inventory.kubeconfigs.iter();
                let with = kubeconfigs.find(|kubeconfig| {
                    kubeconfig
                        .server
                        .as_ref()
                        .is_some_and(|server| server.contains(part))
                })?;
                let server = with.server.as_deref().unwrap_or_default();
                Some(format!("`{}` names `{server}`", with.path))
            }
            Self::All(marks) => {
                let seen: Option<Vec<_>> = marks
                    .iter()
                    .map(|mark| mark.seen(inventory, root))
                    .collect();
                let mut seen = seen?;
                seen.retain(|words| !words.is_empty());
                Some(seen.join(", "))
            }
            Self::Any(marks) => marks.iter().find_map(|mark| mark.seen(inventory, root)),
            Self::Datastore(kind) => {
                let told = inventory.datastore.as_ref();
                let told = told.filter(|datastore| datastore.kind == *kind)?;
                Some(told.evidence.clone())
            }
            Self::DatastoreUntold => inventory.datastore.is_none().then(String::new),
            Self::Not(mark) => match mark.seen(inventory, root) {
                Some(_) => None,
                None => Some(String::new()),
            },
        }
    }
}
