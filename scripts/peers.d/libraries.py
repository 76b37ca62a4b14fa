"""PKIs that the libraries of k3s, RKE2, k0s and minikube make now. The code of most of these is not to be
had as a library, but what they make certificates with is."""

import dataclasses
import hashlib
import json
import pathlib
import re
import shutil

import bundle
import kubeadm
import nodes
from distributions import digest, openssl, public_key, run, verify
from layouts import CONTRACTS
from programs import said
from verdicts import Bundles

#: One certificate or private key in a file.
BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----\n", re.DOTALL)

#: The rules of every server of k3s and RKE2, and what a rotation adds to them.
OF_SERVERS = ["etcd-ca-made-anew", "front-proxy-name", "split-authority", "token-issuer"]
OF_ROTATION = ["certificate-order"] * 2 + ["extra-certificates"] * 2 + ["extra-keys"] * 3

#: What the files of k3s are for, and the block in them that Talos gets.
OF_K3S = {
    "k8s": ("tls/server-ca", 0),
    "k8saggregator": ("tls/request-header-ca", 0),
    "k8sserviceaccount": ("tls/service.current", 0),
}
OF_ROTATED_K3S = {slot: (path, int(slot != "k8sserviceaccount")) for slot, (path, _) in OF_K3S.items()}
OF_KUBEADM = {
    "k8s": ("ca", 0), "etcd": ("etcd/ca", 0), "k8saggregator": ("front-proxy-ca", 0),
    "k8sserviceaccount": ("sa", 0),
}

#: What says how a server of k3s is run, and which Kubernetes it runs.
K3S_FILES = {
    "etc/systemd/system/k3s.service": "[Service]\nExecStart=/usr/local/bin/k3s server\n",
    "etc/rancher/k3s/config.yaml": "cluster-init: true\n",
    "var/lib/rancher/k3s/server/db/etcd/name": "cp-1",
}
CLUSTER_INFO = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Node
  metadata: {name: cp-1, labels: {node-role.kubernetes.io/control-plane: "true"}}
  status: {nodeInfo: {kubeletVersion: v1.34.1}, addresses: [{type: InternalIP, address: 192.0.2.10}]}
"""


@dataclasses.dataclass
class Tree:
    """What is made, the fixture that has to look so, and what has to be read of it."""

    name: str
    fixture: str
    home: str
    slots: dict
    rules: list
    #: Certificates that no CA of a cluster issued.
    others: tuple = ()
    #: Whether what the fixture has beside it is by another program.
    is_part: bool = False

    @property
    def layout(self):
        return self.fixture.removesuffix("-rotated")


K3S_HOME, RKE2_HOME = (f"var/lib/rancher/{program}/server" for program in ("k3s", "rke2"))

TREES = [
    Tree("a new k3s", "k3s", K3S_HOME, OF_K3S, OF_SERVERS),
    Tree("a rotated k3s", "k3s-rotated", K3S_HOME, OF_ROTATED_K3S, OF_SERVERS + OF_ROTATION),
    Tree("a new RKE2", "rke2", RKE2_HOME, OF_K3S, OF_SERVERS),
    Tree("a new k0s", "k0s", "var/lib/k0s/pki", OF_KUBEADM, ["of-one-node"]),
    # Nothing uses the CA by which `proxy-client` is.
    Tree("a new minikube", "minikube", "var/lib/minikube/certs", OF_KUBEADM, ["shared-by-other-clusters"],
         others=("proxy-client",), is_part=True),
]


def every_distribution(programs, group):
    """Each is read as what it is, with its own pieces in the slots and with nothing worse to say than of
    the fixture; and what the fixture has looks as what is made."""
    peer = programs.peer("distributions")
    bundles = Bundles(programs, group)
    for tree in TREES:
        folder = make(programs, peer, tree)
        expect_same_shape(programs, group, peer, tree, folder / tree.home)
        if tree.is_part:
            complete(programs, folder / tree.home)
        expect_scan(programs, group, tree, folder)
        slots = expect_bundle(programs, group, tree, folder)
        if tree.layout == "k3s":
            expect_trusted(programs, group, tree, folder)
        elif tree.slots == OF_KUBEADM and slots:
            expect_issued(programs, group, tree, folder / tree.home, slots)
        bundles.want(tree.name, ["-p", folder], CONTRACTS)
    bundles.judge()


def make(programs, peer, tree):
    """A root folder with the tree in it. After a rotation, a server of k3s makes all anew but the CAs, the
    keys of service accounts and the configuration of encryption."""
    folder = programs.folder()
    home = folder / tree.home
    home.mkdir(parents=True)
    if tree.fixture != tree.layout:
        old = programs.fixtures / "layouts" / tree.fixture / tree.home
        kept = [*old.rglob("*-ca.crt"), *old.rglob("*-ca.key"), old / "tls" / "service.key"]
        kept.append(old / "cred" / "encryption-config.json")
        for path in kept:
            copy = home / path.relative_to(old)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copy.chmod(0o600)
    run(peer, tree.layout, home)
    return folder


def complete(programs, home):
    """What kubeadm makes beside what minikube has made."""
    version = programs.output([programs.kubeadm, "version", "--output", "short"]).strip()
    text = kubeadm.CONFIG.format(version=version, folder=home).replace(f"{home}/pki", str(home))
    config = programs.file("config.yaml", text.encode())
    run(programs.kubeadm, "init", "phase", "certs", "all", "--config", config)


def expect_same_shape(programs, group, peer, tree, home):
    """The fixture's files have what these have: as many certificates, with the same subjects, numbers,
    usages, lifetimes and extensions, and keys in the same form."""
    made = json.loads(run(peer, "shapes", home))
    fixture = programs.fixtures / "layouts" / tree.fixture / tree.home
    got = json.loads(run(peer, "shapes", fixture))
    names = [name for name in got if name in made] if tree.is_part else got
    group.expect(f"{tree.name}: files", sorted(made), sorted(names))
    for name in sorted(made.keys() & got.keys()):
        group.expect(f"{tree.name}: {name}", made[name], got[name])


def expect_scan(programs, group, tree, folder):
    report = programs.scan(folder)
    group.expect(f"{tree.name}: layout", tree.layout, report["layout"])
    group.check(f"{tree.name}: sound", None if report["sound"] else "it is not")
    worse = [found["rule"] for found in report["findings"] if found["severity"] != "note"]
    group.expect(f"{tree.name}: findings", sorted(tree.rules), sorted(worse))


def expect_bundle(programs, group, tree, folder):
    """The pieces in the slots of the bundle, which are those of the tree."""
    slots = programs.imported_slots(group, tree.name, folder)
    if slots is None:
        return {}
    for slot, (path, position) in tree.slots.items():
        file = folder / tree.home / path
        key = blocks(pathlib.Path(f"{file}.key"))[position]
        group.expect(f"{tree.name}: {slot}.key", public_key(key), public_key(slots[slot]["key"]))
        if "crt" in slots[slot]:
            certificate = blocks(pathlib.Path(f"{file}.crt"))[position]
            group.expect(f"{tree.name}: {slot}.crt", digest(certificate), digest(slots[slot]["crt"]))
    return slots


def blocks(path):
    return [found[0] for found in BLOCK.finditer(path.read_bytes())]


def expect_issued(programs, group, tree, home, slots):
    """The CAs of the bundle issued everything in the tree."""
    authorities = b"".join(slot["crt"] for slot in slots.values() if "crt" in slot)
    trusted = programs.file("cas.pem", authorities)
    for path in sorted(home.rglob("*.crt")):
        name = str(path.relative_to(home).with_suffix(""))
        if name not in tree.others and not name.endswith("-ca"):
            group.check(f"{tree.name}: {name} under the bundle", verify(trusted, path))


def expect_trusted(programs, group, tree, folder):
    """A node of Talos takes every client of the old servers for what it is, and lets in its front proxy; who
    knows the node's CA knows the old API server."""
    for name, text in (K3S_FILES | {"cluster-info.yaml": CLUSTER_INFO}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    encryption = folder / tree.home / "cred" / "encryption-config.json"
    if encryption.exists():
        (folder / "etc/rancher/k3s/config.yaml").write_text("cluster-init: true\nsecrets-encryption: true\n")
    output = programs.folder()
    ran = programs.talos_pki(
        "convert", folder, "-o", output, "--endpoint", "https://kube.example.org:6443"
    )
    if ran.returncode != 0:
        group.fail(f"{tree.name}: convert", said(ran))
        return
    node, problem = nodes.start(programs, output / "controlplane.yaml", "v1.14")
    group.check(f"{tree.name}: a node", problem)
    if problem:
        return
    secrets = node / "system" / "secrets" / "kubernetes" / "kube-apiserver"
    issuing = programs.file("ca.pem", bundle.slots(output / "secrets.yaml")["k8s"]["crt"])
    tls = folder / tree.home / "tls"
    for path in sorted(tls.glob("client-*.crt")):
        if not path.name.startswith("client-ca."):
            proxy = path.stem == "client-auth-proxy"
            trusted = secrets / ("aggregator-ca.crt" if proxy else "ca.crt")
            group.check(f"{tree.name}: {path.stem} at a node", verify(trusted, path))
    problem = verify(issuing, tls / "serving-kube-apiserver.crt")
    group.check(f"{tree.name}: the old API server", problem)
    old = blocks(tls / "service.key")
    accepted = [public_key(key) for key in old]
    known = [published(key) for key in blocks(secrets / "service-account.pub")]
    group.expect(f"{tree.name}: keys of tokens", sorted(accepted), sorted(known))
    if encryption.exists():
        wanted = [(key["name"], key["secret"]) for key in keys_of_encryption(encryption)]
        given = nodes.ENCRYPTION_KEY.findall((secrets / "encryptionconfig.yaml").read_text())
        group.expect(f"{tree.name}: encryption", wanted, given)


def published(key):
    """The SHA-256 of a public key, by openssl."""
    kind = ["-RSAPublicKey_in"] if b"RSA PUBLIC KEY" in key else ["-pubin"]
    return hashlib.sha256(openssl(key, "rsa", *kind, "-pubout", "-outform", "der")).hexdigest()


def keys_of_encryption(path):
    """Of all providers in a file of k3s, in order."""
    (resource,) = json.loads(path.read_text())["resources"]
    for provider in resource["providers"]:
        for settings in provider.values():
            yield from settings.get("keys", [])
