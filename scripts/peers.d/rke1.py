"""Clusters of RKE's own code: what it makes is put before us, and what it runs is what Talos runs."""

import json
import re
import shutil
import subprocess

import nodes
from distributions import digest, public_key, run, verify
from layouts import CONTRACTS
from programs import said
from verdicts import Bundles

#: One node with all roles, and something in each place that we read.
CLUSTER = """\
cluster_name: prod
nodes:
- {address: 192.0.2.10, role: [controlplane, etcd, worker], user: rke}
services:
  kube-api:
    service_cluster_ip_range: 10.43.0.0/16
    secrets_encryption_config: {enabled: true}
    extra_args: {max-requests-inflight: "800"}
  kube-controller:
    cluster_cidr: 10.42.0.0/16
    service_cluster_ip_range: 10.43.0.0/16
  kubelet: {cluster_domain: cluster.local, cluster_dns_server: 10.43.0.10}
authentication: {sans: [kube.example.org]}
network: {plugin: none}
kubernetes_version: v1.32.2-rancher1-1
"""

#: What RKE calls the pieces of a slot.
SLOTS = {
    "k8s": "kube-ca",
    "etcd": "kube-ca",
    "k8saggregator": "kube-apiserver-requestheader-ca",
    "k8sserviceaccount": "kube-service-account-token",
}

#: What a scan has to find, and no more.
RULES = ["front-proxy-name", "shared-ca", "token-issuer"]

#: What Talos calls its front proxy.
FRONT_PROXY = "front-proxy-client"

#: The folder of a node that has everything.
SSL = "etc/kubernetes/ssl"


def clusters(programs, group):
    """Clusters as RKE makes them, and after all their CAs were made anew: by the folder of a node, by the
    state, and by both. The fixture looks as such a folder does."""
    rke = programs.peer("rke1")
    bundles = Bundles(programs, group)
    made, rotated = (programs.folder() for _ in range(2))
    for folder in (made, rotated):
        (folder / "cluster.yml").write_text(CLUSTER)
        run(rke, "make", folder)
    run(rke, "rotate", rotated)
    for name, folder in (("a new cluster", made), ("a rotated cluster", rotated)):
        pieces = json.loads(run(rke, "read", folder))
        for way in (folder / "node", folder / "cluster.rkestate", folder):
            what = f"{name} by {way.name if way != folder else 'both'}"
            expect_scan(programs, group, what, way, pieces)
            expect_bundle(programs, group, what, way, pieces, folder / "node" / SSL)
        bundles.want(name, ["-p", folder], CONTRACTS)
    bundles.judge()
    expect_same_shape(programs, group, rke, made)
    expect_same_flags(programs, group, rke, made)


def expect_scan(programs, group, name, source, pieces):
    """The layout is told by itself, and each slot is filled from what RKE has for it."""
    report = programs.scan(source)
    group.expect(f"{name} layout", "rke1", report["layout"])
    group.check(f"{name} is sound", None if report["sound"] else "it is not")
    worse = [found["rule"] for found in report["findings"] if found["severity"] != "note"]
    group.expect(f"{name} findings", RULES, sorted(worse))
    slots = {slot["slot"]: slot["certificate"]["fingerprint"] for slot in report["authorities"]}
    slots["k8sserviceaccount"] = report["service_account"]["fingerprint"]
    wanted = {slot: f"sha256:{pieces[piece]['public_key']}" for slot, piece in SLOTS.items()}
    group.expect(f"{name} slots", wanted, slots)


def expect_bundle(programs, group, name, source, pieces, ssl):
    """The bundle holds RKE's own pieces, and its CAs issued everything on the node. RKE leaves the
    certificate beside the key of service accounts as it is when it makes its CAs anew."""
    slots = programs.imported_slots(group, name, source)
    if slots is None:
        return
    for slot, piece in SLOTS.items():
        group.expect(f"{name} {slot}.key", pieces[piece]["public_key"], public_key(slots[slot]["key"]))
        if "crt" in slots[slot]:
            group.expect(f"{name} {slot}.crt", pieces[piece]["certificate"], digest(slots[slot]["crt"]))
    trusted = programs.file("cas.pem", slots["k8s"]["crt"] + slots["k8saggregator"]["crt"])
    for path in sorted(ssl.glob("kube-*.pem")):
        if not path.name.endswith("-key.pem") and path.stem != SLOTS["k8sserviceaccount"]:
            group.check(f"{name} {path.stem}", verify(trusted, path))


def expect_same_shape(programs, group, rke, made):
    """RKE's code reads our fixture, and finds there what it makes itself, but for what is new in each.
    Keys of encryption are called as it calls them."""
    fixture = programs.fixtures / "layouts" / "rke1" / SSL
    wanted = json.loads(run(rke, "read-node", made / "node" / SSL))
    got = json.loads(run(rke, "read-node", fixture))
    group.expect("the fixture's pieces", sorted(wanted), sorted(got))
    for name in sorted(wanted.keys() & got.keys()):
        group.expect(f"the fixture's {name}", wanted[name]["shape"], got[name]["shape"])
    names = sorted(path.name for path in (made / "node" / SSL).iterdir())
    group.expect("the fixture's files", names, sorted(path.name for path in fixture.iterdir()))
    keys = [key_names(folder) for folder in (made / "node" / SSL, fixture)]
    for name in sum(keys, []):
        group.check(f"the key {name}", None if re.fullmatch("k-[a-z0-9]{5}", name) else "is no name of RKE")


def key_names(folder):
    text = (folder / "encryption.yaml").read_text()
    return [name for name, _ in nodes.ENCRYPTION_KEY.findall(text)]


#: Flags of RKE that say where its files and its members are, how much is logged, which plugins are on by
#: themselves, or what is so without them: RKE's names for them tell Talos nothing.
OF_RKE = {
    "kube-apiserver": nodes.OF_THE_NODE | {
        "audit-log-format", "authorization-mode", "cloud-provider", "enable-admission-plugins",
        "etcd-prefix", "runtime-config", "service-account-lookup", "storage-backend",
    },
    "kube-controller-manager": {
        "allow-untagged-cloud", "authentication-kubeconfig", "authorization-kubeconfig",
        "cloud-provider", "enable-hostpath-provisioner", "kubeconfig", "root-ca-file",
        "service-account-private-key-file", "v",
    },
    "kube-scheduler": {"authentication-kubeconfig", "authorization-kubeconfig", "kubeconfig", "v"},
    "etcd": {
        "advertise-client-urls", "cert-file", "cipher-suites", "data-dir", "initial-advertise-peer-urls",
        "initial-cluster", "initial-cluster-token", "key-file", "name", "peer-cert-file", "peer-key-file",
        "peer-trusted-ca-file", "trusted-ca-file",
    },
}


def expect_same_flags(programs, group, rke, made):
    """A node of Talos runs each server with the flags with which RKE runs it, and the API server with
    RKE's key of encryption: made of the state, and of RKE's defaults where there is `cluster.yml` alone."""
    plan = json.loads(run(rke, "plan", made))
    alone = programs.folder()
    shutil.copytree(made / "node" / "etc", alone / "etc")
    (alone / "cluster.yml").write_text(CLUSTER)
    for name, source in (("by the state", made), ("by cluster.yml", alone)):
        output = programs.folder()
        ran = programs.talos_pki("convert", source, "-o", output)
        if ran.returncode != 0:
            group.fail(name, said(ran))
            continue
        node, problem = nodes.start(programs, output / "controlplane.yaml", "v1.14")
        group.check(f"a node {name}", problem)
        if not problem:
            compare_flags(group, name, plan, json.loads((node / "flags.json").read_text()))
            expect_encryption(group, name, made / "node" / SSL, node)


def compare_flags(group, name, plan, flags):
    for server, own in OF_RKE.items():
        wanted, given = (nodes.by_name(nodes.split(each[server])) for each in (plan, flags))
        for flag in sorted(wanted.keys() - own):
            if nodes.OF_AUTHENTICATION.fullmatch(flag) and "authentication-config" in given:
                continue
            # While both planes run, each lets in the front proxy of the other.
            more = [FRONT_PROXY] if flag == "requestheader-allowed-names" else []
            group.expect(f"{name} {server} --{flag}", wanted[flag] + more, given.get(flag))


def expect_encryption(group, name, ssl, node):
    secrets = node / "system" / "secrets" / "kubernetes" / "kube-apiserver"
    files = ssl / "encryption.yaml", secrets / "encryptionconfig.yaml"
    wanted, given = (nodes.ENCRYPTION_KEY.findall(file.read_text()) for file in files)
    group.expect(f"{name} encryption", wanted, given)
