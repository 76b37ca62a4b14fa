"""A cluster as kubeadm makes it: its /etc/kubernetes, and its etcd and API server running."""

import base64
import os
import pathlib
import re
import shutil
import signal
import subprocess

import manifest
from cases import ENCRYPTION_FILE
from etcd_api import Etcd
from kubernetes_api import Api, Client
from servers import Server, free_port
from transport import Endpoint

#: The name by which clients know the cluster; servers really listen on 127.0.0.1.
HOST = "kube.example.org"
ENDPOINT = f"https://{HOST}:6443"

#: The address of the machine, of a range that is nobody's: kubeadm and the API server refuse to
#: advertise 127.0.0.1.
ADDRESS = "192.0.2.10"

CONFIG = """\
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: {address}
nodeRegistration:
  name: cp-1
  criSocket: unix:///run/containerd/containerd.sock
---
"""

CLUSTER = """\
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: prod
kubernetesVersion: {version}
controlPlaneEndpoint: {host}:6443
certificatesDir: {certificates}
networking:
  dnsDomain: {domain}
  podSubnet: {pods}
  serviceSubnet: {services}
"""

EXTERNAL_ETCD = """\
etcd:
  external:
    endpoints:
    - https://{address}:2379
    caFile: /etc/kubernetes/pki/etcd/ca.crt
    certFile: /etc/kubernetes/pki/apiserver-etcd-client.crt
    keyFile: /etc/kubernetes/pki/apiserver-etcd-client.key
"""


class OldCluster:
    def __init__(self, programs, case, root):
        self.programs = programs
        self.case = case
        self.root = root
        self.folder = root / "etc" / "kubernetes"
        self.pki = self.folder / "pki"
        self.manifests = self.folder / "manifests"
        self.data = root / "var" / "lib" / "etcd"
        self.stage = case.stages[0]
        # The folder with the PKI of etcd, on the machine where etcd runs.
        self.etcd_pki = root / "etcd-machine" / "pki" if case.external_etcd else self.pki
        # All that clients trust in the course of time.
        self.authorities = root / "clients-trust.crt"
        # What `kubectl get … -o json` says of it.
        self.info = root / "cluster-info.json"
        self.ports = {port: free_port() for port in ["api", "etcd", "peer", "metrics"]}
        self.etcd_server = self.api_server = None

    # What kubeadm makes.

    def make(self):
        self.manifests.mkdir(parents=True)
        self.pki.mkdir()
        if self.case.external_etcd:
            self.make_external_etcd()
        self.kubeadm("certs", "all")
        self.kubeadm("kubeconfig", "all", "--kubeconfig-dir", self.folder)
        self.authorities.write_text("")
        self.trust((self.pki / "ca.crt").read_text())
        if not self.case.external_etcd:
            self.kubeadm_manifests("etcd", "local")

    def make_external_etcd(self):
        """etcd on a machine of its own, of which the control plane has the CA's certificate and a
        client's."""
        self.etcd_pki.mkdir(parents=True)
        for certificate in ["etcd-ca", "etcd-server", "etcd-peer", "apiserver-etcd-client"]:
            self.kubeadm("certs", certificate, certificates=self.etcd_pki, external=False)
        self.kubeadm_manifests("etcd", "local", external=False)
        (self.manifests / "etcd.yaml").rename(self.root / "etcd-machine" / "etcd.yaml")
        (self.pki / "etcd").mkdir()
        shutil.copy(self.etcd_pki / "etcd" / "ca.crt", self.pki / "etcd")
        for part in ["crt", "key"]:
            shutil.copy(self.etcd_pki / f"apiserver-etcd-client.{part}", self.pki)

    def kubeadm(self, *phase, certificates=None, external=None):
        """A phase that writes certificates, by a config that names our folder."""
        self.run_kubeadm(phase, certificates or self.pki, external)

    def kubeadm_manifests(self, *phase, external=None):
        """A phase that writes manifests. kubeadm does that in no folder but its own, except in a
        dry run; so the paths inside are those of a real machine."""
        written = self.root / "dry-run"
        shutil.rmtree(written, ignore_errors=True)
        written.mkdir()
        self.run_kubeadm((*phase, "--dry-run"), "/etc/kubernetes/pki", external, written)
        for file in written.glob("*.yaml"):
            shutil.move(file, self.manifests / file.name)

    def run_kubeadm(self, phase, certificates, external, dry_run=None):
        config = self.root / "kubeadm.yaml"
        machine = CONFIG.format(address=ADDRESS)
        config.write_text(machine + self.configuration(certificates, external))
        command = [self.programs.kubeadm, "init", "phase", *phase, "--config", config]
        environment = {"PATH": os.environ.get("PATH", "")}
        if dry_run is not None:
            environment["KUBEADM_INIT_DRYRUN_DIR"] = str(dry_run)
        ran = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment
        )
        if ran.returncode != 0:
            raise RuntimeError(f"kubeadm {' '.join(map(str, phase))}: {ran.stderr}")

    def configuration(self, certificates="/etc/kubernetes/pki", external=None):
        """The ClusterConfiguration, as kubeadm keeps it in the cluster, too."""
        case = self.case
        text = CLUSTER.format(
            version=self.programs.kubernetes_version, host=HOST, certificates=certificates,
            domain=case.domain, pods=case.pods, services=case.services,
        )
        if case.algorithm:
            text += f"encryptionAlgorithm: {case.algorithm}\n"
        if case.external_etcd if external is None else external:
            text += EXTERNAL_ETCD.format(address=ADDRESS)
        return text + self.api_server_settings()

    def api_server_settings(self):
        flags, volumes = list(self.stage.flags), ""
        if self.stage.encryption:
            flags.append(("encryption-provider-config", ENCRYPTION_FILE))
            folder = pathlib.PurePosixPath(ENCRYPTION_FILE).parent
            volumes = (
                f"  extraVolumes:\n  - name: encryption\n    hostPath: {folder}\n"
                f"    mountPath: {folder}\n    readOnly: true\n"
            )
        if not flags:
            return ""
        listed = "".join(f"  - name: {name}\n    value: {value}\n" for name, value in flags)
        return f"apiServer:\n  extraArgs:\n{listed}{volumes}"

    def trust(self, certificate):
        with self.authorities.open("a") as bundle:
            bundle.write(certificate)

    # What runs.

    def enter(self, stage):
        """Makes the cluster what it is in a stage and starts its API server."""
        if self.api_server is not None:
            self.api_server.stop()
        self.stage = stage
        if stage.change is not None:
            stage.change(self)
        if stage.encryption is not None:
            file = self.mapped(ENCRYPTION_FILE)
            file.parent.mkdir(exist_ok=True)
            file.write_text(stage.encryption)
            file.chmod(0o600)
        self.kubeadm_manifests("control-plane", "all")
        self.start_api_server()

    def start_etcd(self):
        machine = self.root / "etcd-machine" if self.case.external_etcd else self.manifests
        flags = manifest.moved(
            manifest.flags(machine / "etcd.yaml"),
            {"/etc/kubernetes/pki": self.etcd_pki, "/var/lib/etcd": self.data},
        )
        own, peer = self.url("etcd"), self.url("peer")
        flags = manifest.replaced(flags, {
            "advertise-client-urls": own,
            "listen-client-urls": own,
            "listen-metrics-urls": f"http://127.0.0.1:{self.ports['metrics']}",
            "initial-advertise-peer-urls": peer,
            "listen-peer-urls": peer,
            "initial-cluster": f"cp-1={peer}",
        })
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        self.etcd_server = Server("old etcd", self.programs.etcd, flags, self.root / "old-etcd.log")
        must(self.etcd_server, self.etcd().is_ready)

    def start_api_server(self):
        self.api_server = Server(
            "old API server", self.programs.kube_apiserver,
            manifest.replaced(self.api_server_flags(), {
                "bind-address": "127.0.0.1",
                "secure-port": self.ports["api"],
                "etcd-servers": self.url("etcd"),
            }),
            self.root / "old-apiserver.log",
        )
        must(self.api_server, self.api(self.admin()).is_ready)

    def api_server_flags(self):
        """The flags that the cluster runs with, with our folder for /etc/kubernetes."""
        return manifest.moved(
            manifest.flags(self.manifests / "kube-apiserver.yaml"), {"/etc/kubernetes": self.folder}
        )

    def url(self, port):
        return f"https://127.0.0.1:{self.ports[port]}"

    def mapped(self, path):
        return self.folder / pathlib.PurePosixPath(path).relative_to("/etc/kubernetes")

    # Who may ask it.

    def api(self, client):
        return Api(Endpoint(self.ports["api"], HOST, self.authorities), client)

    def etcd(self, certificate=None):
        endpoint = Endpoint(self.ports["etcd"], "localhost", self.etcd_pki / "etcd" / "ca.crt")
        own = tuple(self.pki / f"apiserver-etcd-client.{part}" for part in ["crt", "key"])
        return Etcd(endpoint, certificate or own)

    def admin(self):
        """Of kubeadm's two administrators the one who needs no rights from inside the cluster."""
        return self.kubeconfig_client("super-admin")

    def kubeconfig_client(self, name):
        """The client of a kubeconfig, its certificate and key in files of this moment."""
        pair = kubeconfig_pair(self.folder / f"{name}.conf", self.root / "clients")
        return Client(name, certificate=pair)

    def front_proxy_client(self):
        """kubeadm's front proxy, speaking for a user."""
        pair = tuple(self.pki / f"front-proxy-client.{part}" for part in ["crt", "key"])
        return speaking_for("alice", pair)

    # How it ends, and begins again.

    def frozen_copy(self, to):
        """A copy of etcd's data of one moment, as after the loss of power."""
        self.etcd_server.process.send_signal(signal.SIGSTOP)
        try:
            shutil.copytree(self.data, to)
        finally:
            self.etcd_server.process.send_signal(signal.SIGCONT)

    def stop(self):
        for server in [self.api_server, self.etcd_server]:
            if server is not None:
                server.stop()

    def start_again_from(self, data):
        self.stop()
        shutil.rmtree(self.data)
        shutil.copytree(data, self.data)
        self.start_etcd()
        self.start_api_server()


def must(server, is_ready):
    problem = server.wait_until(is_ready)
    if problem:
        raise RuntimeError("; ".join([problem, *server.last_words()]))


def speaking_for(user, certificate):
    """A front proxy's client: its certificate lets it say who its user is."""
    name = f"front proxy for {user}"
    return Client(name, certificate=certificate, headers=(("X-Remote-User", user),))


def kubeconfig_pair(path, folder):
    """The certificate and the key of the client of a kubeconfig, in files of this moment."""
    text = path.read_text()
    folder.mkdir(exist_ok=True)
    pair = []
    for part in ["certificate", "key"]:
        (data,) = re.findall(rf"client-{part}-data: (\S+)", text)
        pair.append(kept(folder, f"{path.stem}-{part}", base64.b64decode(data)))
    return tuple(pair)


def kept(folder, name, content):
    """A file that is not overwritten when there is another of its name: an old client stays."""
    number = 0
    while True:
        path = folder / f"{name}-{number}"
        if not path.exists():
            path.write_bytes(content)
            path.chmod(0o600)
            return path
        if path.read_bytes() == content:
            return path
        number += 1
