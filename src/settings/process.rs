//! The processes of the control plane: what each was started with, wherever that was read.

use std::fmt;

/// A part of the control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// kube-apiserver
    ApiServer,
    /// kube-controller-manager
    ControllerManager,
    /// kube-scheduler
    Scheduler,
    /// etcd
    Etcd,
}

impl Component {
    /// Every component.
    pub const ALL: [Self; 4] = [
        Self::ApiServer,
        Self::ControllerManager,
        Self::Scheduler,
        Self::Etcd,
    ];

    /// The name of its program.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ApiServer => "kube-apiserver",
            Self::ControllerManager => "kube-controller-manager",
            Self::Scheduler => "kube-scheduler",
            Self::Etcd => "etcd",
        }
    }

    /// The component with this program.
    pub(super) fn named(program: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|component| component.name() == program)
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What told how a process is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessSource {
    /// A manifest in the folder of kubelet.
    StaticPod,
    /// A unit of systemd.
    Unit,
    /// A file of flags, as snaps have them.
    ArgumentFile,
    /// A file of variables in which a unit has flags.
    EnvironmentFile,
    /// The configuration of a distribution, of which it makes the flags.
    Distribution,
}

impl ProcessSource {
    /// What it is called in a sentence.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::StaticPod => "manifest",
            Self::Unit => "unit",
            Self::ArgumentFile => "argument file",
            Self::EnvironmentFile => "environment file",
            Self::Distribution => "configuration",
        }
    }
}

/// What runs a component of the control plane, or something beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentProcess {
    /// The file that tells of it, or whose defaults they are.
    pub origin: String,
    /// What that file is.
    pub source: ProcessSource,
    /// Its name.
    pub name: String,
    /// Which part of the control plane it is, if any.
    pub component: Option<Component>,
    /// The image, if it runs in a container.
    pub image: Option<String>,
    /// The flags, in their order.
    pub flags: Vec<Flag>,
    /// The environment variables, with the value of those that have one there.
    pub environment: Vec<(String, Option<String>)>,
    /// What is mounted into its container.
    pub mounts: Vec<Mount>,
    /// The names of the containers beside its own.
    pub other_containers: Vec<String>,
}

/// One flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The name, without dashes.
    pub name: String,
    /// The value; `true` for a flag without one.
    pub value: String,
    /// The file that sets it, if that is not the process's own.
    pub origin: Option<String>,
    /// The settings of a distribution that it was made of, by their names.
    pub made_of: Vec<String>,
}

/// Something that is mounted into a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where the container has it.
    pub path: String,
    /// Where the node has it, if it is a folder or file of the node.
    pub host_path: Option<String>,
}

impl Flag {
    /// A flag that its process's own file sets. Kubernetes takes `_` for `-` in names (component-base,
    /// `WordSepNormalizeFunc`), and took one by a name that it had as an experiment.
    pub(super) fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into().replace('_', "-");
        let known = match name.as_str() {
            "experimental-encryption-provider-config" => "encryption-provider-config",
            name => name,
        };
        Self {
            name: known.to_owned(),
            value: value.into(),
            origin: None,
            made_of: Vec::new(),
        }
    }
}

impl ComponentProcess {
    /// A process with flags and nothing else.
    pub(super) fn new(
        source: ProcessSource,
        origin: &str,
        program: &str,
        flags: Vec<Flag>,
    ) -> Self {
        Self {
            origin: origin.to_owned(),
            source,
            name: program.to_owned(),
            component: Component::named(program),
            image: None,
            flags,
            environment: Vec::new(),
            mounts: Vec::new(),
            other_containers: Vec::new(),
        }
    }

    /// The value of the flag `name`: the last one, which counts for flags that are not lists.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&str> {
        let mut flags = self.flags.iter().rev();
        flags
            .find(|flag| flag.name == name)
            .map(|flag| flag.value.as_str())
    }

    /// Every value of the flag `name`, in their order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.flags
            .iter()
            .filter(move |flag| flag.name == name)
            .map(|flag| flag.value.as_str())
    }

    /// Where `flag` was read.
    #[must_use]
    pub fn origin_of<'a>(&'a self, flag: &'a Flag) -> &'a str {
        flag.origin.as_deref().unwrap_or(&self.origin)
    }

    /// Whether a person chose `flag`, and not a distribution.
    #[must_use]
    pub fn is_chosen(&self, flag: &Flag) -> bool {
        self.source != ProcessSource::Distribution || flag.origin.is_some()
    }

    /// Whether it was read in a manifest that lost its end: kubelet runs no container without an image,
    /// and programs write it behind the flags.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.source == ProcessSource::StaticPod && self.image.is_none()
    }

    /// Where the node has what the process has at `path`.
    #[must_use]
    pub fn host_path(&self, path: &str) -> String {
        let below = |mount: &Mount| {
            let rest = path.strip_prefix(mount.path.trim_end_matches('/'))?;
            let fits = rest.is_empty() || rest.starts_with('/');
            let host_path = mount.host_path.as_ref().filter(|_| fits)?;
            Some((mount.path.len(), format!("{host_path}{rest}")))
        };
        let mounts = self.mounts.iter().filter_map(below);
        let nearest = mounts.max_by_key(|(length, _)| *length);
        nearest.map_or_else(|| path.to_owned(), |(_, path)| path)
    }
}
