"""Comparisons with what was recorded from the real programs."""

import re
import subprocess
import tarfile

from configs import expect_back
from programs import at_fixture_time, said


def machine_configs(programs, group, data):
    """The bundle comes back out of the configs that talosctl made of it."""
    folder = data / "talos-config"
    configs = sorted(folder.glob("v1.*/base/controlplane.yaml"))
    configs += sorted(folder.glob("v1.*/options/controlplane.yaml"))
    for config in configs:
        name = str(config.relative_to(folder))
        expect_back(programs, group, name, config, folder / "secrets.yaml")


#: What the recorded configs were made with.
RECORDED_WITH = {
    "base": ["prod", "https://10.0.0.1:6443"],
    "options": [
        "staging", "https://api.example.org:443", "--install-disk", "/dev/nvme0n1",
        "--additional-sans", "192.0.2.7,api.internal.example.org",
        "--dns-domain", "k8s.example.org", "--with-cluster-discovery=false",
    ],
}


def generated_configs(programs, group, data):
    """Our configs of the same bundle are those that talosctl wrote, byte for byte."""
    folder = data / "talos-config"
    for wanted in sorted(folder.glob("v1.*/*/*.yaml")):
        contract, case = wanted.parent.parent.name, wanted.parent.name
        ran = programs.talos_pki(
            "gen", "config", *RECORDED_WITH[case], "--kubernetes-version", "1.34.1",
            "--with-secrets", folder / "secrets.yaml", "--talos-version", contract,
            "-t", wanted.stem, "-o", "-", *at_fixture_time(),
        )
        name = str(wanted.relative_to(folder))
        if ran.returncode != 0:
            group.fail(name, said(ran))
        else:
            group.expect(name, wanted.read_bytes(), ran.stdout)


def verdicts_of_go(programs, group, data):
    """Our certificate parser accepts what Go's accepts, and nothing else."""
    folder = programs.folder()
    with tarfile.open(data / "go-parity" / "zlint-testdata.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    verdicts = data / "go-parity" / "zlint-verdicts.json"
    command = ["cargo", "run", "--release", "--locked", "--quiet", "--example", "go_parity", "--"]
    ran = subprocess.run(
        [*command, verdicts, folder], cwd=programs.root, stdout=subprocess.PIPE, text=True
    )
    *differences, last = ran.stdout.splitlines() or [""]
    counts = re.fullmatch(r"(\d+) of (\d+) verdicts equal", last)
    if not counts:
        group.fail("go_parity", f"exit status {ran.returncode}: {last}")
        return
    group.passed += int(counts[1])
    for difference in differences:
        group.fail("go_parity", difference)
    equal = counts[1] == counts[2] and ran.returncode == 0
    group.check("all verdicts equal", None if equal else last)
