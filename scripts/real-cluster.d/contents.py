"""What is in a cluster that has to outlive the migration: objects, tokens and clients."""

import base64
import dataclasses
import json
import os

from kubernetes_api import eventually

#: The bootstrap token that the cluster knows and the migration is given. It protects nothing.
BOOTSTRAP_TOKEN = "abcdef.0123456789abcdef"

ACCOUNT = "workload"

#: The kubeconfigs that kubeadm writes, and whom their certificates name.
USERS = {
    "admin": "kubernetes-admin",
    "super-admin": "kubernetes-super-admin",
    "kubelet": "system:node:cp-1",
    "controller-manager": "system:kube-controller-manager",
    "scheduler": "system:kube-scheduler",
}

#: Kinds of objects: where the API has them, where etcd has them, and what they are made of.
KINDS = {
    "secret": (
        "/api/v1/namespaces/default/secrets", "secrets",
        {"apiVersion": "v1", "kind": "Secret"},
    ),
    "configmap": (
        "/api/v1/namespaces/default/configmaps", "configmaps",
        {"apiVersion": "v1", "kind": "ConfigMap"},
    ),
    "lease": (
        "/apis/coordination.k8s.io/v1/namespaces/default/leases", "leases",
        {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"},
    ),
    "deployment": (
        "/apis/apps/v1/namespaces/default/deployments", "deployments",
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "spec": {
                "selector": {"matchLabels": {"app": "web"}},
                "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {"containers": [{"name": "web", "image": "web"}]},
                },
            },
        },
    ),
}


@dataclasses.dataclass(frozen=True)
class Object:
    """An object with a text in it that nobody could guess."""

    kind: str
    name: str
    proof: str

    @property
    def collection(self):
        return KINDS[self.kind][0]

    @property
    def key(self):
        """Where it lies in etcd."""
        return f"/registry/{KINDS[self.kind][1]}/default/{self.name}"

    def write(self, api):
        metadata = {"name": self.name, "annotations": {"proof": self.proof}}
        body = {**KINDS[self.kind][2], "metadata": metadata}
        if self.kind == "secret":
            body["data"] = {"proof": base64.b64encode(self.proof.encode()).decode()}
        api.must("POST", self.collection, body)

    def problem(self, api):
        """What is wrong when it is read, or None."""
        found = api.must("GET", f"{self.collection}/{self.name}")
        proof = found["metadata"].get("annotations", {}).get("proof")
        if self.kind == "secret":
            data = base64.b64decode(found.get("data", {}).get("proof", "")).decode()
            proof = proof if proof == data else "two different texts"
        return None if proof == self.proof else f"{self.kind} {self.name} is not what was written"


def new_object(kind, name):
    return Object(kind, name, os.urandom(12).hex())


@dataclasses.dataclass
class Contents:
    objects: list = dataclasses.field(default_factory=list)
    tokens: list = dataclasses.field(default_factory=list)
    clients: list = dataclasses.field(default_factory=list)

    def fill(self, cluster, stage_number):
        """Writes and signs what belongs to a stage of the cluster."""
        api = cluster.api(cluster.admin())
        if stage_number == 0:
            eventually(lambda: self.prepare(api))
        for kind in cluster.stage.stored:
            # One of each kind, and of Secrets several.
            for copy in range(3 if kind == "secret" else 1):
                one = new_object(kind, f"{kind}-{stage_number}-{copy}")
                one.write(api)
                self.objects.append(one)
        self.tokens.append(api.mint(ACCOUNT))
        for client in map(cluster.kubeconfig_client, USERS):
            if client not in self.clients:
                self.clients.append(client)

    def prepare(self, api):
        """The service account and the bootstrap token. The namespaces appear by themselves, soon
        after the first start."""
        for namespace in ["default", "kube-system"]:
            api.must("GET", f"/api/v1/namespaces/{namespace}")
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": ACCOUNT}}
        api.must("POST", "/api/v1/namespaces/default/serviceaccounts", account)
        api.must("POST", "/api/v1/namespaces/kube-system/secrets", bootstrap_token())


def bootstrap_token():
    name, secret = BOOTSTRAP_TOKEN.split(".")
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": f"bootstrap-token-{name}"},
        "type": "bootstrap.kubernetes.io/token",
        "stringData": {
            "token-id": name,
            "token-secret": secret,
            "usage-bootstrap-authentication": "true",
            "usage-bootstrap-signing": "true",
            "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
        },
    }


def collect_info(cluster):
    """Writes what an administrator collects by `kubectl get … -o json`: the settings of kubeadm and
    the bootstrap tokens, as one list."""
    api = cluster.api(cluster.admin())
    of_this_type = "fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken"
    tokens = api.must("GET", f"/api/v1/namespaces/kube-system/secrets?{of_this_type}")
    items = [{"apiVersion": "v1", "kind": "Secret", **item} for item in tokens["items"]]
    items.append({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "kubeadm-config", "namespace": "kube-system"},
        "data": {"ClusterConfiguration": cluster.configuration()},
    })
    info = {"apiVersion": "v1", "kind": "List", "items": items}
    cluster.info.write_text(json.dumps(info, indent=2))
    cluster.info.chmod(0o600)


def claims(token):
    """What a token says, unverified."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
