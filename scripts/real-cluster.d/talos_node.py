"""A control plane node of Talos in an old cluster: what Talos's own controllers make of a machine
config, given to a real etcd and a real API server."""

import json
import subprocess

import manifest
from etcd_api import Etcd
from kubernetes_api import Api, Client
from old_cluster import HOST, kubeconfig_pair, must, speaking_for
from servers import Server, free_port
from transport import Endpoint

#: The addresses of the node. The second is where everything really listens.
ADDRESSES = ["192.0.2.11", "127.0.0.1"]

#: Where a node has what the servers read and write.
FOLDERS = ["/system", "/var"]


class TalosNode:
    def __init__(self, programs, version, old, root):
        self.programs = programs
        self.version = version
        self.old = old
        self.root = root
        self.folder = root / "node"
        self.secrets = self.folder / "system" / "secrets"
        self.flags = self.admin_pair = None
        self.member = None
        self.etcd_server = self.api_server = None
        self.ports = {port: free_port() for port in ["api", "etcd", "etcd-http", "peer"]}

    def read(self, config):
        """Has Talos's controllers read the config. Gives what is wrong with it, or None."""
        addresses = [part for address in ADDRESSES for part in ["--node-ip", address]]
        self.folder.mkdir()
        ran = subprocess.run(
            [self.programs.talos_node(self.version), *addresses, config, self.folder],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )
        if ran.returncode != 0:
            return ran.stderr.strip()
        places = {place: f"{self.folder}{place}" for place in FOLDERS}
        flags = json.loads((self.folder / "flags.json").read_text())
        self.flags = {server: manifest.moved(flags[server], places) for server in flags}
        self.admin_pair = kubeconfig_pair(self.folder / "admin.kubeconfig", self.root / "clients")
        (self.folder / "var" / "log" / "audit" / "kube").mkdir(parents=True)
        return None

    def join_etcd(self):
        """Becomes a member as a node does: a learner that is promoted when it has caught up."""
        through = self.old.etcd(self.etcd_client())
        peer = self.url("peer")
        self.member = through.add_learner(peer)
        members = f"cp-1={self.old.url('peer')},talos-1={peer}"
        flags = manifest.replaced(self.flags["etcd"], {
            "advertise-client-urls": self.url("etcd"),
            "listen-client-urls": self.url("etcd"),
            "initial-advertise-peer-urls": peer,
            "listen-peer-urls": peer,
            "listen-client-http-urls": self.url("etcd-http"),
            # What a node asks the members of etcd for.
            "initial-cluster": members,
            "initial-cluster-state": "existing",
        })
        program = self.programs.etcd_of[self.version]
        self.etcd_server = Server("new etcd", program, flags, self.root / "new-etcd.log")
        through.promote(self.member)
        must(self.etcd_server, self.etcd().is_ready)

    def start_api_server(self, etcd_url):
        """Starts it on a member of etcd. Gives what is wrong, or None; that it is ready is another
        matter."""
        flags = manifest.replaced(self.flags["kube-apiserver"], {
            "advertise-address": ADDRESSES[0],
            "bind-address": "127.0.0.1",
            "secure-port": self.ports["api"],
            "etcd-servers": etcd_url,
        })
        self.api_server = Server(
            "new API server", self.programs.kube_apiserver, flags, self.root / "new-apiserver.log"
        )
        return self.api_server.wait_until(self.api(self.admin()).is_alive)

    def wait_until_ready(self, patience):
        return self.api_server.wait_until(self.api(self.admin()).is_ready, patience)

    def url(self, port):
        return f"https://127.0.0.1:{self.ports[port]}"

    def api(self, client, name=HOST):
        return Api(Endpoint(self.ports["api"], name, self.old.authorities), client)

    def etcd(self):
        # Talos has HTTP, by which we ask, on a port of its own.
        endpoint = Endpoint(self.ports["etcd-http"], "localhost", self.secrets / "etcd" / "ca.crt")
        return Etcd(endpoint, self.etcd_client())

    def etcd_client(self):
        return self.pair("kubernetes/kube-apiserver/etcd-client")

    def admin(self):
        """The administrator that the node itself makes a kubeconfig for."""
        return Client("talos:admin", certificate=self.admin_pair)

    def bootstrap_token(self):
        """By which the kubelets of Talos nodes join."""
        return (self.folder / "bootstrap-token").read_text()

    def front_proxy_client(self):
        return speaking_for("alice", self.pair("kubernetes/kube-apiserver/front-proxy-client"))

    def pair(self, name):
        return tuple(self.secrets / f"{name}.{part}" for part in ["crt", "key"])

    def stop(self):
        for server in [self.api_server, self.etcd_server]:
            if server is not None:
                server.stop()

    def logs(self):
        servers = [self.api_server, self.etcd_server]
        return [line for server in servers if server is not None for line in server.last_words()]
