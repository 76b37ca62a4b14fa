"""Comparisons with what was recorded from the real programs."""

import re
import subprocess
import tarfile

from configs import expect_back


def machine_configs(programs, group, data):
    """The bundle comes back out of the configs that talosctl made of it."""
    folder = data / "talos-config"
    configs = sorted(folder.glob("v1.*/base/controlplane.yaml"))
    configs += sorted(folder.glob("v1.*/options/controlplane.yaml"))
    for config in configs:
        name = str(config.relative_to(folder))
        expect_back(programs, group, name, config, folder / "secrets.yaml")


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
