"""How the machine configs of a node come about: by `talos-pki convert`, and, for the control, by
the plain import that Talos has."""

import subprocess

from contents import BOOTSTRAP_TOKEN
from old_cluster import ENDPOINT


def convert(programs, cluster, version, folder, *more):
    """`talos-pki convert`: what ran. It writes all configs into the folder."""
    return programs.talos_pki(
        "convert", cluster.folder, "-o", folder, "--talos-version", version,
        "--cluster-info", cluster.info, *more,
    )


def new_authority(folder):
    """The certificate of the CA that was made anew, as the runbook brings it out of the bundle."""
    lines = (folder / "MIGRATION.md").read_text().splitlines()
    (line,) = [line for line in lines if line.endswith("> new-ca.crt")]
    subprocess.run(["sh", "-c", line], cwd=folder, stdin=subprocess.DEVNULL, check=True)
    return (folder / "new-ca.crt").read_text()


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
