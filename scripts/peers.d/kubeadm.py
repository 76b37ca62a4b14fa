"""PKIs that the real kubeadm makes now."""

import subprocess

import imports
from programs import TWO_CONTRACTS
from verdicts import Bundles

#: What kubeadm can be told to make; by default it makes RSA-2048.
ALGORITHMS = [None, "RSA-4096", "ECDSA-P256", "ECDSA-P384"]

#: Everything that keeps kubeadm from asking the machine or the internet.
CONFIG = """\
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: 192.0.2.10
nodeRegistration:
  name: cp-1
  criSocket: unix:///run/containerd/containerd.sock
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: {version}
controlPlaneEndpoint: kube.example.org:6443
certificatesDir: {folder}/pki
"""


def every_algorithm(programs, group):
    """By the clock of this machine: a scan finds no error, and the import is a sound bundle with
    kubeadm's own bytes."""
    bundles = Bundles(programs, group)
    for algorithm in ALGORITHMS:
        name = f"kubeadm {algorithm or 'default'}"
        folder = make(programs, algorithm)
        report = programs.scan(folder)
        worst = [found["rule"] for found in report["findings"] if found["severity"] != "note"]
        group.check(f"{name} is sound", None if report["sound"] else ", ".join(worst))
        group.expect(f"{name} findings", [], worst)
        expected = algorithm or "RSA-2048"
        found = [slot["certificate"]["algorithm"] for slot in report["authorities"]]
        group.expect(f"{name} algorithms", [expected] * 3, found)
        imports.expect_bytes_of(programs, group, folder, folder / "pki", [])
        bundles.want(name, ["-p", folder], TWO_CONTRACTS)
    bundles.judge()


def make(programs, algorithm, names=()):
    """A folder like /etc/kubernetes, by the phases of `kubeadm init`. `names` are further ones of
    the API server."""
    folder = programs.folder()
    version = programs.output([programs.kubeadm, "version", "--output", "short"]).strip()
    text = CONFIG.format(version=version, folder=folder)
    if algorithm:
        text += f"encryptionAlgorithm: {algorithm}\n"
    if names:
        text += "".join(["apiServer:\n  certSANs:\n", *(f"  - {name}\n" for name in names)])
    config = programs.file("config.yaml", text.encode())
    for phase in (["certs", "all"], ["kubeconfig", "all", "--kubeconfig-dir", folder]):
        command = [programs.kubeadm, "init", "phase", *phase, "--config", config]
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if ran.returncode != 0:
            raise RuntimeError(f"kubeadm {' '.join(map(str, phase))}: {ran.stderr}")
    return folder
