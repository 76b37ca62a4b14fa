"""The controller manager and the scheduler of a node of Talos, and that they do with the imported keys what
the old ones did: accounts get tokens and the CA, a kubelet that joins gets a certificate, a pod gets a node."""

import base64
import subprocess

import manifest
from checks import first_problem, who
from kubernetes_api import Api, Client, Refused, eventually
from servers import PATIENCE, Server, free_port
from transport import Endpoint

#: The servers, by their names in the flags of a node.
CONTROLLERS = ["kube-controller-manager", "kube-scheduler"]

NAMESPACE = "later"
DEFAULT = f"system:serviceaccount:{NAMESPACE}:default"

#: A kubelet that joins, and what its certificate has to say.
NODE, ADDRESS = "worker-1", "192.0.2.12"
KUBELET = f"system:node:{NODE}"

#: What Talos applies to a cluster, so that kubelets may ask for certificates by a bootstrap token.
BOOTSTRAPPERS = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "bootstrappers"},
    "roleRef": {
        "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:node-bootstrapper",
    },
    "subjects": [
        {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:bootstrappers"}
    ],
}

SIGNING = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


class Controllers:
    """Of the node `new`, while its API server runs."""

    def __init__(self, old, new):
        self.old = old
        self.new = new
        self.api = new.api(old.admin())
        self.running = []

    def start(self):
        for name, program in self.new.programs.controllers.items():
            for kubeconfig in self.new.secrets.glob(f"kubernetes/{name}/kubeconfig"):
                self.redirect(kubeconfig)
            for config in self.new.folder.glob(f"system/config/kubernetes/{name}/*"):
                text = config.read_text()
                config.write_text(text.replace(" /system/", f" {self.new.folder}/system/"))
            flags = manifest.replaced(self.new.flags[name], {"secure-port": free_port()})
            log = self.new.root / f"new-{name}.log"
            self.running.append(Server(f"new {name}", program, flags, log))

    def redirect(self, kubeconfig):
        """KubePrism, which the node has in between, is not here."""
        text = kubeconfig.read_text()
        kubeconfig.write_text(text.replace("https://127.0.0.1:7445", self.new.url("api")))

    def checks(self):
        return [
            ("an account and its CA, by the controllers", self.account),
            ("a token for ever, by the controllers", self.token_for_ever),
            ("a kubelet that joins, by the controllers", self.kubelet),
            ("a pod, by the scheduler", self.pod),
        ]

    def path(self, kind, name=""):
        return f"/api/v1/namespaces/{NAMESPACE}/{kind}" + (f"/{name}" if name else "")

    def account(self):
        """A new namespace gets an account, whose tokens are good, and the CA by which pods know the API
        server."""
        self.api.must("POST", "/api/v1/namespaces", {
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE},
        })
        def is_there():
            try:
                self.api.must("GET", self.path("serviceaccounts", "default"))
            except Refused:
                return False
            return True
        problem = self.running[0].wait_until(is_there, PATIENCE)
        if problem:
            return problem
        given = eventually(lambda: self.api.must("GET", self.path("configmaps", "kube-root-ca.crt")))
        known = self.new.root / "root-ca.crt"
        known.write_text(given["data"]["ca.crt"])
        answer = self.api.must("POST", self.path("serviceaccounts", "default/token"), {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {},
        })
        endpoint = Endpoint(self.new.ports["api"], "kubernetes.default.svc", known)
        pod = Client("a pod", token=answer["status"]["token"])
        return who(Api(endpoint, pod), DEFAULT)

    def token_for_ever(self):
        """A Secret for tokens is filled by the controller manager, with the imported key."""
        self.api.must("POST", self.path("secrets"), {
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
            "metadata": {"name": "token", "annotations": {"kubernetes.io/service-account.name": "default"}},
        })
        def filled():
            data = self.api.must("GET", self.path("secrets", "token")).get("data", {})
            if "token" not in data:
                raise Refused("the Secret stays empty")
            return base64.b64decode(data["token"]).decode()
        return who(self.new.api(Client("a pod", token=eventually(filled))), DEFAULT)

    def kubelet(self):
        """By the bootstrap token of the new configuration a kubelet asks for a certificate; it is issued
        by the imported CA, and the API server knows the kubelet by it."""
        self.api.must("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", BOOTSTRAPPERS)
        folder = self.new.root / "kubelet"
        folder.mkdir()
        asked = openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/O=system:nodes/CN={KUBELET}", "-keyout", folder / "kubelet.key",
        )
        request = {
            "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
            "metadata": {"name": NODE},
            "spec": {
                "request": base64.b64encode(asked).decode(),
                "signerName": "kubernetes.io/kube-apiserver-client-kubelet",
                "usages": ["digital signature", "client auth"],
            },
        }
        joining = self.new.api(Client("a new node", token=self.new.bootstrap_token()))
        eventually(lambda: joining.must("POST", SIGNING, request))
        request = self.api.must("GET", f"{SIGNING}/{NODE}")
        request["status"] = {"conditions": [{"type": "Approved", "status": "True", "reason": "Joins"}]}
        self.api.must("PUT", f"{SIGNING}/{NODE}/approval", request)
        def issued():
            status = self.api.must("GET", f"{SIGNING}/{NODE}")["status"]
            if "certificate" not in status:
                raise Refused(f"nothing is issued: {status.get('conditions')}"[:300])
            return base64.b64decode(status["certificate"])
        certificate = folder / "kubelet.crt"
        certificate.write_bytes(eventually(issued))
        client = Client("kubelet", certificate=(certificate, folder / "kubelet.key"))
        return first_problem([
            who(self.new.api(client), KUBELET),
            # The old one runs no more, but its CA is what old kubelets and clients know.
            verify(self.old.authorities, certificate),
        ])

    def pod(self):
        """A pod that may run anywhere gets the only node, and what its containers know the API server by."""
        ready = {"type": "Ready", "status": "True"}
        node = {
            "apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE},
            "status": {
                "addresses": [{"type": "InternalIP", "address": ADDRESS}], "conditions": [ready],
                "allocatable": {"cpu": "1", "memory": "1Gi", "pods": "10"},
                "capacity": {"cpu": "1", "memory": "1Gi", "pods": "10"},
            },
        }
        self.api.must("POST", "/api/v1/nodes", node)
        self.api.must("POST", self.path("pods"), {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"},
            "spec": {
                "containers": [{"name": "one", "image": "example.org/one"}],
                "tolerations": [{"operator": "Exists"}],
            },
        })
        def scheduled():
            pod = self.api.must("GET", self.path("pods", "pod"))
            if "nodeName" not in pod["spec"]:
                raise Refused(f"it has no node: {pod['status'].get('conditions')}"[:300])
            return pod["spec"]
        spec = eventually(scheduled, PATIENCE)
        sources = [
            source
            for volume in spec["volumes"]
            for source in volume.get("projected", {}).get("sources", [])
        ]
        given = {kind for source in sources for kind in source}
        if not {"serviceAccountToken", "configMap"} <= given:
            return f"its containers get {sorted(given)}"
        return None if spec["nodeName"] == NODE else f"it is on {spec['nodeName']}"

    def stop(self):
        for server in self.running:
            server.stop()

    def logs(self):
        return [line for server in self.running for line in server.last_words()]


def openssl(*arguments):
    ran = subprocess.run(["openssl", *arguments], stdin=subprocess.DEVNULL, capture_output=True)
    if ran.returncode != 0:
        raise Refused(ran.stderr.decode(errors="replace").strip()[:200])
    return ran.stdout


def verify(trusted, certificate):
    """What openssl says against a certificate, or None."""
    ran = subprocess.run(
        ["openssl", "verify", "-CAfile", trusted, certificate], capture_output=True, text=True
    )
    return None if ran.returncode == 0 else ran.stderr.strip()
