//! Snaps, which keep their data in a folder for each revision, such as `microk8s/6089`. `current` beside
//! them is a link to the one that runs, and by it flags know their files.

use crate::source::{FolderLink, SkipReason, Skipped, Tree};

/// The name of the link.
const CURRENT: &str = "current";

/// The folder in which every snap has one.
const SNAPS: &str = "snap";

/// Gives what runs the name `current`, and takes the other revisions away.
pub(super) fn follow_current(tree: &mut Tree) {
    for link in std::mem::take(&mut tree.folder_links) {
        match revision_of(&link) {
            Some(snap) => follow(tree, snap, &link),
            None => tree.folder_links.push(link),
        }
    }
}

/// The folder of the snap, empty or ending in `/`, if `link` leads from `current` to a revision.
fn revision_of(link: &FolderLink) -> Option<&str> {
    let snap = link.path.strip_suffix(CURRENT)?;
    let revision = link.folder.strip_prefix(snap)?;
    let is_folder = snap.is_empty() || snap.ends_with('/');
    (is_folder && is_revision(revision)).then_some(snap)
}

fn follow(tree: &mut Tree, snap: &str, link: &FolderLink) {
    let is_below = |path: &str, folder: &str| {
        let rest = path.strip_prefix(folder);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let revision = |path: &str| -> Option<String> {
        let (revision, _) = path.strip_prefix(snap)?.split_once('/')?;
        is_revision(revision).then(|| format!("{snap}{revision}"))
    };
    let renamed = |path: &mut String| {
        if is_below(path, &link.folder) {
            *path = format!("{}{}", link.path, &path[link.folder.len()..]);
        }
    };
    tree.files
        .iter_mut()
        .for_each(|file| renamed(&mut file.path));
    tree.skipped
        .iter_mut()
        .for_each(|skipped| renamed(&mut skipped.path));
    let mut others: Vec<String> = tree
        .files
        .iter()
        .filter_map(|file| revision(&file.path))
        .collect();
    others.dedup();
    tree.files.retain(|file| revision(&file.path).is_none());
    tree.skipped
        .retain(|skipped| revision(&skipped.path).is_none());
    tree.skipped.extend(others.into_iter().map(|other| Skipped {
        path: format!("{other}/"),
        reason: SkipReason::Beside(format!("{}/", link.path)),
    }));
    tree.files.sort_by(|one, other| one.path.cmp(&other.path));
}

/// Whether two folders that differ in the last of these names alone are revisions of one snap.
pub(super) fn are_revisions(names: &[&str], other: &str) -> bool {
    match names {
        [.., SNAPS, _, revision] => is_revision(revision) && is_revision(other),
        _ => false,
    }
}

/// As `6089`, or `x1` for a snap that was made by hand.
fn is_revision(name: &str) -> bool {
    let digits = name.strip_prefix('x').unwrap_or(name);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
