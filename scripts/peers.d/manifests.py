"""Secrets of Kubernetes: stored in the real kube-apiserver, read back from it, and read by us."""

import base64
import json
import re
import subprocess

import bundle
import kubeadm
from api_server import ApiServer
from client_configs import bundle_of, kubeconfig
from programs import said
from verdicts import check_bundles, request

#: What Cluster API adds to the name of a cluster, and what it has there, by kubeadm's names.
CLUSTER_API = {
    "ca": ("ca.crt", "ca.key"),
    "etcd": ("etcd/ca.crt", "etcd/ca.key"),
    "proxy": ("front-proxy-ca.crt", "front-proxy-ca.key"),
    "sa": ("sa.pub", "sa.key"),
}

NAMESPACE = "/api/v1/namespaces/kube-system/secrets"


def stored_in_the_api_server(programs, group):
    """What the server gives back of Secrets of Cluster API, and of what the real kubeadm uploads, is
    imported as the files are; so is it beside everything else that the cluster has. The Secrets that
    we write come back with the bundle in them."""
    for algorithm in (None, "ECDSA-P256"):
        kind = algorithm or "RSA-2048"
        folder = kubeadm.make(programs, algorithm, ["127.0.0.1"])
        secrets = bundle_of(programs, folder)
        with ApiServer(programs, folder / "pki") as server:
            config = kubeconfig(programs, secrets, server.url)
            status, _ = server.request(
                config, "/api/v1/namespaces", as_json({"metadata": {"name": "kube-system"}})
            )
            # The server makes this namespace itself, sooner or later.
            group.check(f"{kind}: namespace", None if status in (201, 409) else status)
            for cluster, pki in (("prod", folder / "pki"), ("stage", other_pki(programs))):
                for secret in cluster_api(cluster, pki):
                    status, _ = server.request(config, NAMESPACE, as_json(secret))
                    group.expect(f"{kind}: {secret['metadata']['name']}", 201, status)
            key = upload(programs, folder, config)
            status, everything = server.request(config, "/api/v1/secrets")
            group.expect(f"{kind}: all Secrets", 200, status)
            group.expect(f"{kind}: kind", "SecretList", everything.get("kind"))
            source = programs.file("secrets.json", as_json(everything))
            key_file = programs.file("key", key.encode())
            for name, arguments in {
                "Cluster API": ["--cluster", "kube-system/prod"],
                "kubeadm-certs": ["--cluster", "kubeadm-certs", "--certificate-key-file", key_file],
            }.items():
                expect_files(programs, group, f"{kind}: {name}", source, folder / "pki", arguments)
            wrong = "0" * 64
            ran = programs.talos_pki(
                "scan", source, "--cluster", "kubeadm-certs", "--certificate-key", wrong
            )
            refused = ran.returncode == 2 and b"does not open it" in ran.stderr
            group.check(f"{kind}: another key", None if refused else said(ran))
            for form, field in (("capi-secret", "bundle"), ("kubernetes-secret", "secrets.yaml")):
                expect_bundle(programs, group, f"{kind}: {form}", server, config, folder, form, field)


def expect_files(programs, group, name, source, pki, arguments):
    """The import of `source` has the bytes of the files in the folder `pki`."""
    output = programs.folder() / "secrets.yaml"
    ran = programs.talos_pki("gen", "secrets", "-p", source, "-o", output, *arguments)
    if ran.returncode != 0:
        group.fail(name, said(ran))
        return
    got = bundle.slots(output)
    for slot, parts in programs.slot_files(pki).items():
        for part, contents in parts.items():
            group.expect(f"{name} {slot}.{part}", contents, got[slot].get(part))


def expect_bundle(programs, group, name, server, config, folder, form, field):
    """The server takes our Secret and gives it back, with a bundle in it that Talos takes, and that
    we read again as it is."""
    output = programs.folder() / "secret.yaml"
    ran = programs.talos_pki(
        "gen", "secrets", "-p", folder, "-o", output, "--format", form, "--cluster", "kube-system/prod"
    )
    if ran.returncode != 0:
        group.fail(name, said(ran))
        return
    status, stored = server.request(config, NAMESPACE, output.read_bytes(), "application/yaml")
    group.expect(name, 201, status)
    if status != 201:
        return
    path = f"{NAMESPACE}/{stored['metadata']['name']}"
    _, stored = server.request(config, path)
    text = base64.b64decode(stored["data"][field], validate=True)
    written = programs.file("secrets.yaml", text)
    check_bundles(programs, group, [request(name, written, "v1.13")])
    got = bundle.slots(written)
    for slot, parts in programs.slot_files(folder / "pki").items():
        for part, contents in parts.items():
            group.expect(f"{name} {slot}.{part}", contents, got[slot].get(part))
    source = programs.file("stored.json", as_json(stored))
    again = programs.folder() / "again.yaml"
    ran = programs.talos_pki("gen", "secrets", "-p", source, "-o", again)
    group.expect(f"{name} again", text, again.read_bytes() if ran.returncode == 0 else said(ran))


def cluster_api(cluster, pki):
    """The Secrets of a cluster, as Cluster API makes them of the files in `pki`."""
    for suffix, (certificate, key) in CLUSTER_API.items():
        files = {"tls.crt": certificate, "tls.key": key}
        yield {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": f"{cluster}-{suffix}",
                "labels": {"cluster.x-k8s.io/cluster-name": cluster},
            },
            "type": "cluster.x-k8s.io/secret",
            "data": {
                name: base64.b64encode((pki / path).read_bytes()).decode()
                for name, path in files.items()
            },
        }


def other_pki(programs):
    """The PKI of another cluster."""
    return programs.fixtures / "kubeadm" / "ecdsa-p384" / "pki"


def upload(programs, folder, config):
    """Lets the real kubeadm upload the PKI, and gives the key that it prints."""
    text = kubeadm.CONFIG.format(
        version=programs.output([programs.kubeadm, "version", "--output", "short"]).strip(),
        folder=folder,
    )
    settings = programs.file("config.yaml", text.encode())
    command = [
        programs.kubeadm, "init", "phase", "upload-certs", "--upload-certs",
        "--config", settings, "--kubeconfig", config,
    ]
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    keys = re.findall(r"^[0-9a-f]{64}$", ran.stdout, re.MULTILINE)
    if ran.returncode != 0 or len(keys) != 1:
        raise RuntimeError(f"kubeadm upload-certs: {ran.stderr}")
    return keys[0]


def as_json(value):
    """What the API takes."""
    return json.dumps(value).encode()
