//! How a distribution is run: where its administrator's files are, and the commands that save it,
//! stop it and start it. The runbook of a migration says them word for word.

/// How a distribution is run. In commands, `HOST` is the control plane whose files were read, for a
/// copy from it; `$OLD` is the address of the old control plane at hand, for everything else.
#[derive(Debug)]
pub struct Operations {
    /// How the distribution is called in a sentence.
    pub name: &'static str,
    /// Brings the administrator's kubeconfig as `admin.conf`, and the CA that it trusts as `ca.crt`,
    /// into the folder at hand.
    pub credentials: &'static str,
    /// How the control plane gets certificates for those that have ended.
    pub certificates: &'static str,
    /// How a kubeconfig of a component, or the administrator's, is made anew.
    pub own_kubeconfigs: &'static str,
    /// How a name comes into the certificates of the API servers, if nodes of Talos can join them.
    pub certificate_names: &'static str,
    /// Writes the files of a control plane to `kubernetes-before.tar.gz` in the folder at hand.
    pub backup: &'static str,
    /// How etcd is spoken to.
    pub etcd: EtcdTool,
    /// Why no member of Talos can join the etcd of this distribution, whatever its CAs are.
    pub etcd_barrier: Option<&'static str>,
    /// How an old control plane is stopped for good, and started again.
    pub shutdown: Shutdown,
    /// What becomes of old nodes once the API servers are Talos's.
    pub old_nodes: OldNodes,
    /// Undoes the distribution on a control plane and on a worker.
    pub uninstall: [&'static str; 2],
    /// Brings the old cluster back from the backup when etcd has lost its majority; none if that is
    /// done by the manifest of etcd.
    pub last_resort: Option<&'static str>,
    /// Whether undoing it on a control plane takes its member out of etcd.
    pub leaves_etcd: bool,
    /// Whether kube-proxy is a DaemonSet, and not a part of each node.
    pub has_proxy_daemon_set: bool,
    /// What a person has to know of the network plugin if it does not come along; the last words
    /// are "let Talos bring flannel".
    pub network: Option<&'static str>,
    /// What must be true before the move, beside what must be for every cluster.
    pub conditions: &'static [&'static str],
    /// What came along in etcd, and nobody looks after on Talos.
    pub leftovers: &'static [Leftover],
}

/// How etcd is spoken to.
#[derive(Debug)]
pub enum EtcdTool {
    /// By `etcdctl`, with what the manifests say.
    OfManifests,
    /// By these commands.
    Commands {
        /// Saves etcd to `before-talos.db` in the folder at hand.
        snapshot: &'static str,
        /// `etcdctl`, to be followed by what it has to do; none if it is in nobody's reach.
        etcdctl: Option<&'static str>,
    },
}

/// How an old control plane is stopped, and started again.
#[derive(Debug)]
pub struct Shutdown {
    /// Stops the API server and leaves etcd running; none if the two are one process.
    pub api_server: Option<&'static str>,
    /// Stops the rest, once etcd is saved; none if it harms nobody.
    pub rest: Option<&'static str>,
    /// Starts everything again.
    pub start: &'static str,
}

/// What becomes of old nodes once the API servers are Talos's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldNodes {
    /// They follow the endpoint, and leave one after the other.
    ComeAlong,
    /// They are switched off with the old control plane: what is only stopped would begin again when
    /// the machine does.
    AreSwitchedOff,
}

/// Something that came along in etcd, and nobody looks after on Talos.
#[derive(Debug)]
pub struct Leftover {
    /// What it is, and why it goes; a whole sentence.
    pub what: &'static str,
    /// How it goes.
    pub commands: &'static str,
}

impl Operations {
    /// kubeadm's, from which others differ; also what is said where nobody knows better.
    pub const KUBEADM: Self = Self {
        name: "kubeadm",
        credentials: "scp root@HOST:/etc/kubernetes/admin.conf root@HOST:/etc/kubernetes/pki/ca.crt .",
        certificates: "`kubeadm certs renew all`, and restart the control-plane pods",
        own_kubeconfigs: "move it away, and make it anew: kubeadm init phase kubeconfig all",
        certificate_names: "add it to `apiServer.certSANs` in the ConfigMap kubeadm-config, in the runbook by \
             `old -n kube-system edit configmap kubeadm-config`. Then on each control plane, one after the other: write that ClusterConfiguration to a file, and behind a \
             line `---` an InitConfiguration with the node's own `localAPIEndpoint.advertiseAddress` \
             (without it kubeadm takes the address of the default route); move apiserver.crt and \
             apiserver.key away; run `kubeadm init phase certs apiserver --config FILE`; and stop the \
             container kube-apiserver, which kubelet starts again",
        backup: "ssh root@\"$OLD\" tar -C /etc -cz kubernetes > kubernetes-before.tar.gz",
        etcd: EtcdTool::OfManifests,
        etcd_barrier: None,
        shutdown: Shutdown {
            api_server: Some(
                "ssh root@\"$OLD\" mv /etc/kubernetes/manifests /etc/kubernetes/manifests.off",
            ),
            rest: None,
            start: "ssh root@\"$OLD\" mv /etc/kubernetes/manifests.off /etc/kubernetes/manifests",
        },
        old_nodes: OldNodes::ComeAlong,
        uninstall: ["kubeadm reset --force", "kubeadm reset --force"],
        last_resort: None,
        leaves_etcd: true,
        has_proxy_daemon_set: true,
        network: None,
        conditions: &[],
        leftovers: &[],
    };
}

impl Default for &'static Operations {
    fn default() -> Self {
        static KUBEADM: Operations = Operations::KUBEADM;
        &KUBEADM
    }
}
