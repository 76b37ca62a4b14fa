//! The slots of a Talos secrets bundle. This is the one place that knows their names.

use std::fmt;

use crate::pki::KeyGeneration;

/// A certificate authority of a Talos cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaSlot {
    /// Signs the API server, kubelets and every Kubernetes client.
    Kubernetes,
    /// Signs etcd members and etcd's clients; whoever has a certificate of it is root in etcd.
    Etcd,
    /// Signs the front proxy, by which the API server speaks for users to extension servers.
    Aggregator,
    /// Signs Talos's own API and its administrators.
    Os,
}

/// What the bundle calls a slot and how Talos makes one that is not imported.
struct Description {
    title: &'static str,
    yaml_name: &'static str,
    json_name: &'static str,
    flag: &'static str,
    organization: Option<&'static str>,
    common_name: Option<&'static str>,
    key: KeyGeneration,
}

impl CaSlot {
    /// Every slot, in the order in which a person thinks of them.
    pub const ALL: [Self; 4] = [Self::Kubernetes, Self::Etcd, Self::Aggregator, Self::Os];

    /// The slots that an existing Kubernetes cluster fills. The Talos CA is always Talos's own.
    pub const OF_KUBERNETES: [Self; 3] = [Self::Kubernetes, Self::Etcd, Self::Aggregator];

    const fn description(self) -> Description {
        match self {
            Self::Kubernetes => Description {
                title: "Kubernetes CA",
                yaml_name: "k8s",
                json_name: "K8s",
                flag: "kubernetes-ca",
                organization: Some("kubernetes"),
                common_name: None,
                key: KeyGeneration::EcdsaP256,
            },
            Self::Etcd => Description {
                title: "etcd CA",
                yaml_name: "etcd",
                json_name: "Etcd",
                flag: "etcd-ca",
                organization: Some("etcd"),
                common_name: None,
                key: KeyGeneration::EcdsaP256,
            },
            // Talos passes the common name `front-proxy` to a function that ignores it, and gets a
            // CA with an empty subject that `openssl verify -x509_strict` refuses. We write what
            // Talos meant.
            Self::Aggregator => Description {
                title: "Aggregator CA",
                yaml_name: "k8saggregator",
                json_name: "K8sAggregator",
                flag: "aggregator-ca",
                organization: None,
                common_name: Some("front-proxy"),
                key: KeyGeneration::EcdsaP256,
            },
            Self::Os => Description {
                title: "Talos OS CA",
                yaml_name: "os",
                json_name: "OS",
                flag: "os-ca",
                organization: Some("talos"),
                common_name: None,
                key: KeyGeneration::Ed25519,
            },
        }
    }

    /// How a person calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.description().title
    }

    /// Its key under `certs` in the YAML bundle.
    #[must_use]
    pub const fn yaml_name(self) -> &'static str {
        self.description().yaml_name
    }

    /// Its key under `Certs` in the JSON bundle.
    #[must_use]
    pub const fn json_name(self) -> &'static str {
        self.description().json_name
    }

    /// The start of its flags, as in `--kubernetes-ca-crt`.
    #[must_use]
    pub const fn flag(self) -> &'static str {
        self.description().flag
    }

    /// The organization and common name of a generated CA.
    #[must_use]
    pub const fn subject(self) -> (Option<&'static str>, Option<&'static str>) {
        let description = self.description();
        (description.organization, description.common_name)
    }

    /// The key of a generated CA.
    #[must_use]
    pub const fn key(self) -> KeyGeneration {
        self.description().key
    }
}

impl fmt::Display for CaSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// Any slot of the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// A certificate authority.
    Ca(CaSlot),
    /// The key that signs service-account tokens.
    ServiceAccount,
}

impl Slot {
    /// The flags by which a person names its files, as words.
    #[must_use]
    pub fn flags(self) -> String {
        match self {
            Self::Ca(slot) => format!("--{0}-crt and --{0}-key", slot.flag()),
            Self::ServiceAccount => "--service-account-key".to_owned(),
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ca(slot) => slot.fmt(f),
            Self::ServiceAccount => f.write_str("Service-account key"),
        }
    }
}
