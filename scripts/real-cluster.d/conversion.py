"""How the machine configs of a node come about: by `talos-pki convert`, and, for the control, by
the plain import that Talos has."""

import subprocess

from contents import BOOTSTRAP_TOKEN
from old_cluster import ENDPOINT


def convert(programs, cluster, version, folder):
    """`talos-pki convert`: what ran. It writes all configs into the folder."""
    return programs.talos_pki(
        "convert", cluster.folder, "-o", folder, "--talos-version", version,
        "--cluster-info", cluster.info,
    )


def plain_import(programs, cluster, version, folder):
    """Talos's own way, by its own library: the secrets bundle from the PKI, and all defaults. What
    failed, or else what ran last."""
    talos = programs.talos_peer(version)
    bundle = folder / "secrets.yaml"
    folder.mkdir()
    commands = [
        ["gen-secrets", "--from-kubernetes-pki", cluster.pki,
         "--kubernetes-bootstrap-token", BOOTSTRAP_TOKEN, "--talos-version", version, "-o", bundle],
        ["config-contracts", "--name", "prod", "--endpoint", ENDPOINT, bundle, folder],
    ]
    for command in commands:
        ran = subprocess.run([talos, *command], stdin=subprocess.DEVNULL, capture_output=True)
        if ran.returncode != 0:
            break
    return ran


def imported_config(folder, version):
    """Where the plain import put the config of control planes."""
    return folder / version / "controlplane.yaml"
