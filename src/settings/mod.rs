//! How a cluster is run, beside its trust: the flags of its control plane, the configurations of
//! kubeadm, kubelet, kube-proxy and distributions, and the files that flags name.
//!
//! Like `layout` it reads a [`Tree`]; it knows `talos` for its reader of YAML,
//! and judges nothing. What becomes of each setting is for `convert` to say.
//!
//! One file a source of processes: `READERS` has them in the order in which they count.

mod argument_file;
mod cluster_info;
mod command_line;
mod configuration;
mod control_planes;
mod datastore;
mod distribution;
mod etcd_config;
mod host_files;
mod k0s;
mod k3s;
mod kubelet_flags;
mod process;
mod rivals;
mod rke1;
mod standing;
pub(crate) mod static_pod;
mod systemd_unit;
mod template;

use std::cmp::Reverse;
use std::path::Path;

use self::host_files::HostFiles;
use self::standing::Standing;
use crate::pki::Secret;
use crate::source::{SourceFile, Tree};

pub use cluster_info::{ClusterInfoError, cluster_info_in};
pub use configuration::{Configuration, ConfigurationKind};
pub use control_planes::ControlPlaneNode;
pub use datastore::{Datastore, DatastoreKind};
pub use distribution::{DistributionSettings, Entry, Missing};
pub use host_files::HostFile;
pub use process::{Component, ComponentProcess, Flag, Mount, ProcessSource};
pub(crate) use rivals::Rivals;

/// What tells of processes, behind static pods. What runs them comes first: their manifests, units and
/// files of flags say everything, each before copies of it. What a distribution makes flags of comes behind.
const READERS: [fn(&Tree, &mut Settings); 9] = [
    systemd_unit::read,
    argument_file::read,
    kubelet_flags::read,
    take_gathered_static_pods,
    |_, settings| rivals::sort(settings),
    k3s::read,
    k0s::read,
    rke1::read,
    etcd_config::read,
];

/// Why a file in the folder of static pods was not read.
const NOT_A_POD: &str = "it is not the manifest of a pod";

/// Everything that was found about how a cluster is run.
#[derive(Debug, Default)]
pub struct Settings {
    /// The processes, what counts first.
    pub processes: Vec<ComponentProcess>,
    /// The configurations, those in use before copies of them.
    pub configurations: Vec<Configuration>,
    /// What a distribution was told, if one tells.
    pub distribution: Option<DistributionSettings>,
    /// The bootstrap tokens that the cluster knows; nothing if nobody told.
    pub bootstrap_tokens: Option<Vec<Secret<String>>>,
    /// The nodes, as the cluster knows them; none if nobody told.
    pub nodes: Vec<Node>,
    /// What could not be read, with the reason.
    pub unread: Vec<(String, String)>,
    /// How the other control planes are run that were read with this one.
    pub others: Vec<Settings>,
    files: HostFiles,
}

/// A node of the running cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its first internal address.
    pub address: Option<String>,
    /// Whether it runs the control plane.
    pub is_control_plane: bool,
    /// The version of its kubelet, such as `v1.36.3`.
    pub kubelet_version: Option<String>,
}

impl Settings {
    /// Reads the settings in `tree`. Where a person said which distribution it is, and the source has static
    /// pods in its folder `manifests`, those of another distribution do not count.
    #[must_use]
    pub fn read(tree: &Tree, manifests: Option<&'static str>) -> Self {
        let mut settings = Self::of_processes(tree, manifests);
        let is_read_otherwise = |file: &SourceFile| {
            static_pod::looks_like_manifest(&file.path) || cluster_info::is_cluster_info(file)
        };
        for file in tree.files.iter().filter(|file| !is_read_otherwise(file)) {
            settings.take_configurations(file);
        }
        settings.note_named_configurations();
        settings
            .configurations
            .sort_by_key(|one| (Reverse(one.standing), one.standing.depth(&one.origin)));
        settings
    }

    /// As [`Self::read`], without configurations.
    pub(crate) fn of_processes(tree: &Tree, manifests: Option<&'static str>) -> Self {
        let mut settings = Self::default();
        take_static_pods(tree, manifests, &mut settings);
        for read in READERS {
            read(tree, &mut settings);
        }
        settings.files = HostFiles::named_by(&settings.processes, tree);
        settings
    }

    /// Adds what `kubectl get … -o yaml` told of the running cluster.
    pub fn add_cluster_info(&mut self, file: &SourceFile) -> Result<(), ClusterInfoError> {
        cluster_info::read(file, self)
    }

    /// The process of `component` that counts.
    #[must_use]
    pub fn component(&self, component: Component) -> Option<&ComponentProcess> {
        self.processes
            .iter()
            .find(|process| process.component == Some(component))
    }

    /// The manifests of components that lost their end, with the reason why kubelet would not run them.
    pub(crate) fn cut_off(&self) -> Vec<(String, String)> {
        let (known, unknown): (Vec<_>, Vec<_>) = Component::ALL
            .into_iter()
            .partition(|one| self.component(*one).is_some());
        let known = known.into_iter().filter_map(|one| self.component(one));
        let known = known.filter(|process| process.is_cut_off());
        let known = known.map(|process| {
            let reason = "its container has no image".to_owned();
            (process.origin.clone(), reason)
        });
        let is_of_unknown = |path: &str| {
            let mut components = unknown.iter();
            static_pod::looks_like_manifest(path)
                && components.any(|one| static_pod::has_usual_name(path, one.name()))
        };
        let unread = self.unread.iter();
        let unread = unread.filter(|(path, reason)| reason == NOT_A_POD && is_of_unknown(path));
        known.chain(unread.cloned()).collect()
    }

    /// The configuration of `kind`; that of the running cluster comes before that of a file.
    #[must_use]
    pub fn configuration(&self, kind: ConfigurationKind) -> Option<&Configuration> {
        let mut configurations = self.configurations.iter();
        configurations.find(|configuration| configuration.kind == kind)
    }

    /// The file that `process` knows as `path`, if the source has it.
    #[must_use]
    pub fn file(&self, process: &ComponentProcess, path: &str) -> Option<&HostFile> {
        self.files.get(&process.host_path(path))
    }

    /// The folders of the source of which any may be the one that flags speak of, and that do not
    /// say the same; each is empty or ends in `/`. None if that is clear.
    pub(crate) fn rival_roots(&self) -> &[String] {
        &self.files.rivals
    }

    /// What a node's program is told to read counts, wherever it stands.
    fn note_named_configurations(&mut self) {
        for kind in [ConfigurationKind::Kubelet, ConfigurationKind::KubeProxy] {
            let mut processes = self.processes.iter();
            let process = processes.find(|process| Some(process.name.as_str()) == kind.program());
            let path = process.and_then(|process| self.file(process, process.flag("config")?));
            let path = path.map(|file| file.path.clone());
            for one in &mut self.configurations {
                if one.kind == kind && Some(&one.origin) == path.as_ref() {
                    one.standing = Standing::Named;
                }
            }
        }
    }

    fn take_configurations(&mut self, file: &SourceFile) {
        match configuration::read(file) {
            Ok(configurations) => self.configurations.extend(configurations),
            // Pages about configurations name them, too, as those that `convert` writes.
            Err(_) if is_page(&file.path) => {}
            Err(reason) => self.unread.push((file.path.clone(), reason)),
        }
    }
}

fn take_static_pods(tree: &Tree, manifests: Option<&'static str>, settings: &mut Settings) {
    let files = tree.files.iter();
    for file in files.filter(|file| static_pod::is_in_folder(&file.path)) {
        if let Some(process) = static_pod::read(file) {
            settings.processes.push(process);
        } else if static_pod::looks_like_manifest(&file.path) {
            let reason = NOT_A_POD.to_owned();
            settings.unread.push((file.path.clone(), reason));
        }
    }
    if let Some(manifests) = manifests {
        keep_static_pods(manifests, settings);
    }
}

/// Where nothing tells how a control plane runs, a person may have gathered its manifests in a folder of
/// another name. There only a file counts that is called as the manifest of its component.
fn take_gathered_static_pods(tree: &Tree, settings: &mut Settings) {
    if settings
        .processes
        .iter()
        .any(|process| process.component.is_some())
    {
        return;
    }
    for file in &tree.files {
        let mut components = Component::ALL.into_iter();
        let named = components.find(|one| static_pod::has_usual_name(&file.path, one.name()));
        let is_replaced = Standing::of(&file.path, standing::STATIC_PODS) == Standing::Replaced;
        let process = named
            .filter(|_| !is_replaced)
            .and_then(|_| static_pod::read(file));
        settings
            .processes
            .extend(process.filter(|process| process.component == named));
    }
}

/// Takes the static pods of other distributions away, if there are any of the one with `manifests`.
fn keep_static_pods(manifests: &'static str, settings: &mut Settings) {
    let is_own =
        |pod: &ComponentProcess| Standing::of(&pod.origin, &[&[manifests]]) > Standing::Elsewhere;
    let is_of_another = |pod: &ComponentProcess| {
        !is_own(pod) && Standing::of(&pod.origin, standing::STATIC_PODS) > Standing::Elsewhere
    };
    if !settings.processes.iter().any(is_own) {
        return;
    }
    for pod in settings.processes.extract_if(.., |pod| is_of_another(pod)) {
        let reason = format!("the distribution that was named has its manifests in {manifests}");
        settings.unread.push((pod.origin, reason));
    }
}

fn is_page(path: &str) -> bool {
    let extension = Path::new(path).extension();
    extension.is_some_and(|extension| extension == "md" || extension == "html")
}
