"""Runs two programs in turn and prints a table of their medians and ratios.

The two take turns, so that whatever else the machine does meets both alike. Nothing is subtracted:
the time includes starting the process. Files are in memory where /dev/shm is: talos-pki waits until
a bundle is on the disk and Go does not, and what that costs the disk decides, and who else writes
to it; BENCH_FOLDER=/tmp puts them on a disk. Peak memory is measured by GNU time in runs of its own, for
a child of Python inherits Python's own peak.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import fleet

# The fixtures were made shortly before; without a fixed moment their age would become an error.
NOW = "2026-12-01T00:00:00Z"
TOKEN = "abcdef.0123456789abcdef"
MEMORY_RUNS = 7
WARM_UP = 3

# What the ratio of talos-pki to Go may be at most.
IMPORT_GOALS = {"wall": 1 / 10, "memory": 1 / 5}
FRESH_GOALS = {"wall": 1}
CONFIG_GOALS = {"wall": 1 / 10}


def main():
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--imports", type=int, default=100)
    parser.add_argument("--fresh", type=int, default=40)
    parser.add_argument("--fleet", type=int, default=10_000)
    parser.add_argument("--fleet-rounds", type=int, default=3)
    parser.add_argument("--only-fleet", action="store_true")
    parser.add_argument("ours", type=Path)
    parser.add_argument("peer", type=Path)
    parser.add_argument("floor", type=Path)
    parser.add_argument("fixtures", type=Path)
    arguments = parser.parse_args()
    missed = []
    print(f"{machine()}\n")
    read_anew(arguments.ours)
    read_anew(arguments.peer)
    with tempfile.TemporaryDirectory(dir=parent_folder()) as folder:
        folder = Path(folder)
        if not arguments.only_fleet:
            missed += single(arguments, folder)
        if arguments.fleet:
            missed += fleet.compare(arguments, folder, run, peak_memory, private_copy)
    if missed:
        sys.exit(f"bench: missed: {', '.join(missed)}")


def single(arguments, folder):
    """Measures commands on one cluster, and returns the goals that they miss."""
    missed = []
    print("| work | | talos-pki | Go | ratio | goal | |")
    print("|---|---|---:|---:|---:|---:|---|")
    floor = measure([["true"]], 50, "an empty program")[0]
    for name in ("rsa-2048", "ecdsa-p256"):
        pki = private_copy(arguments.fixtures / "kubeadm" / name / "pki", folder / name)
        commands = [
            [arguments.ours, "gen", "secrets", "-f", "-o", folder / "ours.yaml", "-t", TOKEN]
            + ["--now", NOW, "-p", pki],
            [arguments.peer, "gen-secrets", "-o", folder / "go.yaml"]
            + ["-kubernetes-bootstrap-token", TOKEN, "-from-kubernetes-pki", pki],
        ]
        runs = measure(commands, arguments.imports, f"import of {name}")
        missed += table(f"import of {name}", runs, IMPORT_GOALS)
        commands = [
            [arguments.ours, "gen", "config", "prod", "https://10.0.0.1:6443", "-f", "-o", folder]
            + ["--with-secrets", folder / "go.yaml"],
            [arguments.peer, "gen-config", folder / "go.yaml", folder],
        ]
        runs = measure(commands, arguments.imports, f"configs of {name}")
        missed += table(f"configs of {name}", runs, CONFIG_GOALS)
    commands = [
        [arguments.ours, "gen", "secrets", "-f", "-o", folder / "ours.yaml"],
        [arguments.peer, "gen-secrets", "-o", folder / "go.yaml"],
    ]
    runs = measure(commands, arguments.fresh, "fresh bundle")
    missed += table("fresh bundle", runs, FRESH_GOALS)
    print(f"\nFor scale: `true` takes {milliseconds(floor['wall'])} here.")
    return missed


def parent_folder():
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    return os.environ.get("BENCH_FOLDER", memory)


def machine():
    model = platform.processor() or platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(": ")[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, {platform.system()}"


def read_anew(program):
    """Takes a program out of the kernel's cache, from where its next start brings it back.

    How much of a program the kernel maps at once depends on how it got there: of one that has just
    been linked it maps up to half as much again as of one that was read from the disk.
    """
    file = os.open(shutil.which(program) or program, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def private_copy(source, target):
    """A copy as a cluster has it: Git keeps no modes, and a readable key is a finding."""
    shutil.copytree(source, target)
    for file in target.rglob("*"):
        file.chmod(0o700 if file.is_dir() else 0o600)
    return target


def measure(commands, count, what):
    """The samples of each command, which take turns."""
    print(f"bench: {what}", file=sys.stderr)
    samples = [{"wall": [], "cpu": [], "memory": []} for _ in commands]
    for turn in range(WARM_UP + count):
        for command, sample in zip(commands, samples):
            wall, cpu = run(command)
            if turn >= WARM_UP:
                sample["wall"].append(wall)
                sample["cpu"].append(cpu)
    for _ in range(MEMORY_RUNS):
        for command, sample in zip(commands, samples):
            sample["memory"].append(peak_memory(command))
    return samples


def run(command):
    """Wall time and processor time of one run, in seconds."""
    nowhere = [
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    command = [str(word) for word in command]
    start = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=nowhere)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    if status != 0:
        sys.exit(f"bench: `{' '.join(command)}` failed with wait status {status}")
    return wall, usage.ru_utime + usage.ru_stime


def peak_memory(command):
    """The largest resident set of one run, in bytes."""
    with tempfile.NamedTemporaryFile("r") as report:
        timed = ["/usr/bin/time", "-f", "%M", "-o", report.name, *map(str, command)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(timed, check=True, **quiet)
        return int(report.read()) * 1024


def table(work, runs, goals):
    """Prints the rows of `work`, and returns the goals that it misses."""
    ours, peer = runs
    missed = []
    rows = [("wall", "wall time", spread), ("cpu", "processor time", spread)]
    rows += [("memory", "peak memory", mebibytes)]
    for key, title, show in rows:
        ratio = statistics.median(ours[key]) / statistics.median(peer[key])
        goal = goals.get(key)
        verdict = ""
        if goal is not None:
            verdict = "met" if ratio <= goal else "**missed**"
            missed += [] if ratio <= goal else [f"{title} of {work}"]
        limit = "" if goal is None else f"{goal:.2f}"
        cells = [work, title, show(ours[key]), show(peer[key]), f"{ratio:.3f}", limit, verdict]
        print(f"| {' | '.join(cells)} |")
    return missed


def spread(samples):
    """Median, and in brackets the quartiles."""
    low, _, high = statistics.quantiles(samples, n=4)
    return f"{milliseconds(samples)} ({low * 1e3:.1f}–{high * 1e3:.1f})"


def milliseconds(samples):
    return f"{statistics.median(samples) * 1e3:.1f} ms"


def mebibytes(samples):
    return f"{statistics.median(samples) / 2**20:.1f} MiB"


if __name__ == "__main__":
    main()
