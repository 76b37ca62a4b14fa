//! A folder with a known cluster's secrets bundle and its control-plane configurations.

use std::fs;
use std::path::Path;
use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use talos_pki::pki::{
    AuthorityProfile, CaPair, Certificate, KeyGeneration, Subject, Validity, generate_key, pem,
};
use talos_pki::talos::machine_config::{
    self, Aescbc, ClusterSettings, KubernetesSettings, MachineType,
};
use talos_pki::talos::yaml_tree::Tree;
use talos_pki::talos::{Bundle, Context, Credentials, Talosconfig};
use tempfile::TempDir;

use crate::fixture::{NOW, talos_pki};
use crate::known_cluster::{self, Seeded};

/// The name of the cluster.
pub(crate) const NAME: &str = "prod";

/// Its API server.
pub(crate) const ENDPOINT: &str = "https://kube.example.org:6443";

/// The bundle: that of the known cluster, with an authority of Talos's own whose days are known.
pub(crate) fn bundle() -> Bundle {
    Bundle {
        os: authority(
            1,
            KeyGeneration::Ed25519,
            validity("2026-01-01", "2035-12-30"),
        ),
        ..known_cluster::bundle()
    }
}

/// The folder.
pub(crate) struct Cluster {
    folder: TempDir,
}

impl Cluster {
    /// With `secrets.yaml`, `old.yaml` for Talos 1.13 and `new.yaml` for Talos 1.14.
    pub(crate) fn new() -> Self {
        Self::of(&bundle())
    }

    /// The same for another bundle.
    pub(crate) fn of(bundle: &Bundle) -> Self {
        let folder = TempDir::new().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("secrets.yaml", bundle.to_secret_yaml().expose());
        write("old.yaml", &configuration(bundle, "v1.13"));
        write("new.yaml", &configuration(bundle, "v1.14"));
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The talosconfig in the file `name`.
    pub(crate) fn talosconfig(&self, name: &str) -> Talosconfig {
        Talosconfig::read(self.read(name).as_bytes()).unwrap()
    }

    /// Runs `talos-pki` in the folder, at [`NOW`].
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_at(NOW, arguments)
    }

    /// Runs `talos-pki` in the folder, at another moment.
    pub(crate) fn run_at(&self, now: &str, arguments: &[&str]) -> Output {
        let mut command = talos_pki(arguments);
        let command = command.args(["--now", now]).current_dir(self.path());
        command.output().unwrap()
    }

    /// Runs `talos-pki config new`, which has to succeed, and gives what it said.
    pub(crate) fn config_new(&self, arguments: &[&str]) -> String {
        let fixed = ["config", "new", "--with-secrets", "secrets.yaml"];
        succeeds(&self.run(&[&fixed, arguments].concat()))
    }

    /// The same, with the talosconfig in another folder.
    pub(crate) fn config_new_into(&self, folder: &Path, arguments: &[&str]) {
        let path = folder.join("talosconfig");
        self.config_new(&[arguments, &[path.to_str().unwrap()]].concat());
    }
}

/// The control-plane configuration of a cluster with `bundle`.
fn configuration(bundle: &Bundle, contract: &str) -> String {
    let settings = ClusterSettings {
        contract: contract.parse().unwrap(),
        name: NAME.to_owned(),
        endpoint: ENDPOINT.parse().unwrap(),
        kubernetes_version: "1.34.0".parse().unwrap(),
        additional_sans: Vec::new(),
        dns_domain: "cluster.local".to_owned(),
        install_disk: "/dev/sda".parse().unwrap(),
        install_image: String::new(),
        discovery: true,
        kube_span: None,
        aescbc: Aescbc::Keep,
        kubernetes: KubernetesSettings::default(),
    };
    let text = machine_config::to_secret_yaml(bundle, &settings, MachineType::ControlPlane);
    text.expose().clone()
}

/// What a command said that has to succeed.
pub(crate) fn succeeds(output: &Output) -> String {
    let words = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(0), "{words}");
    words
}

/// What a command said that has to fail as wrong usage does.
pub(crate) fn fails(output: &Output) -> String {
    let words = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}");
    words
}

/// The credentials of the context `name`.
pub(crate) fn credentials(config: &Talosconfig, name: &str) -> Credentials {
    Credentials::read(config.context(name).expect(name)).unwrap()
}

/// The certificate of a context.
pub(crate) fn certificate(context: &Context) -> Certificate {
    Credentials::certificate_of(context).unwrap()
}

/// A CA such as Talos makes, of another key for each seed.
pub(crate) fn authority(seed: u64, kind: KeyGeneration, validity: Validity) -> CaPair {
    let mut rng = Seeded::new(seed);
    let profile = AuthorityProfile {
        subject: Subject {
            common_name: None,
            organizations: &["talos"],
        },
        dns_names: &[],
        ip_addresses: &[],
        validity,
    };
    let key = generate_key(kind, &mut rng).unwrap();
    profile.issue(key, &mut rng).unwrap()
}

/// From one day until another.
pub(crate) fn validity(from: &str, until: &str) -> Validity {
    let moment = |day: &str| format!("{day}T00:00:00Z").parse().unwrap();
    Validity {
        not_before: moment(from),
        not_after: moment(until),
    }
}

/// The base64 in the field at `path`, decoded.
pub(crate) fn decoded(tree: &Tree, path: &str) -> String {
    let text = tree.at(path).and_then(Tree::text).expect(path);
    String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
}

/// The only certificate in a text.
pub(crate) fn only_certificate(text: &str) -> Certificate {
    let blocks = pem::read(text.as_bytes()).blocks;
    assert_eq!(blocks.len(), 1);
    Certificate::from_der(blocks[0].contents.expose()).unwrap()
}
