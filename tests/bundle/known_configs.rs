//! Machine configurations of the known cluster, in the form of each generation of Talos.

use talos_pki::cluster::{BeyondBundle, Cluster, TalosMaterial};
use talos_pki::layout::talos::{self, TalosConfigError};
use talos_pki::pki::Secret;
use talos_pki::pki::Wiped;
use talos_pki::source::SourceFile;

use crate::talos_files::control_plane_documents;
pub(crate) use crate::talos_files::control_plane_fields as old_configuration;

pub(crate) fn read(text: &str) -> Result<Cluster, TalosConfigError> {
    let bytes = Wiped::new(text.as_bytes().to_vec());
    talos::read(&SourceFile {
        path: "controlplane.yaml".to_owned(),
        bytes,
        mode: Some(0o600),
    })
}

pub(crate) fn refusal(text: &str) -> String {
    read(text).expect_err("it can be used").to_string()
}

/// What Talos 1.14 writes: Secrets that are not encrypted cannot be read.
pub(crate) fn new_configuration() -> String {
    with(
        &control_plane_documents(),
        "            - identity: {}\n",
        "",
    )
}

pub(crate) fn with(configuration: &str, known: &str, other: &str) -> String {
    assert!(configuration.contains(known), "{known}");
    configuration.replacen(known, other, 1)
}

pub(crate) fn material(text: &str) -> TalosMaterial {
    let cluster = read(text).unwrap_or_else(|error| panic!("{error}"));
    cluster
        .talos
        .expect("a Talos configuration has its material")
}

pub(crate) fn beyond(text: &str) -> Vec<(String, String)> {
    let beyond = material(text).beyond_bundle.into_iter();
    beyond
        .map(|BeyondBundle { place, what }| (place, what))
        .collect()
}

pub(crate) fn exposed(secret: Option<&Secret<String>>) -> Option<&str> {
    secret.map(|secret| secret.expose().as_str())
}
