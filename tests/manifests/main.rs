//! Kubernetes manifests as a source, and Secrets as a form of the bundle.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod bundles;
#[path = "../fixture/mod.rs"]
mod fixture;
mod hostile;
mod in_tree;
#[path = "../kubernetes_objects/mod.rs"]
mod objects;
mod reading;
mod refusals;
mod rke;
mod writing;

use std::path::Path;

use assert_cmd::Command;
use fixture::{TOKEN, judge, write_private};
use tempfile::TempDir;

/// A folder with manifests in the file `objects.yaml`.
fn folder_with(text: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    write_private(&folder.path().join("objects.yaml"), text);
    folder
}

/// `talos-pki` in `folder`.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = judge(arguments);
    command.current_dir(folder);
    command
}

/// The lines of the bundle that an import writes which hold what was imported: the certificates and
/// keys but for Talos's own, which are new each time.
fn imported(source: &str, folder: &Path, more: &[&str]) -> String {
    let mut arguments = vec!["gen", "secrets", "-p", source, "-t", TOKEN, "-o", "-"];
    arguments.extend(more);
    authorities_of(command(folder, &arguments))
}

fn authorities_of(mut command: Command) -> String {
    let output = command.output().unwrap();
    let (text, words) = (
        output.stdout,
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert_eq!(output.status.code(), Some(0), "{words}");
    let text = String::from_utf8(text).unwrap();
    let (_, authorities) = text.split_once("certs:\n").unwrap();
    let (authorities, _) = authorities.split_once("    os:\n").unwrap();
    authorities.to_owned()
}
