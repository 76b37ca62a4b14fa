"""Imports of a whole fleet: throughput, memory, and the floor below which nothing can get.

Every cluster is a copy of the PKI of a fixture, as kubeadm made it: no program here remembers one
cluster while it works on another, so that copies cost what different ones would. The programs take
turns. Talos's library loops over the clusters in one process of one thread (its garbage collector may
use more).
"""

import shutil
import statistics
import subprocess
import sys

NOW = "2026-12-01T00:00:00Z"
TOKEN = "abcdef.0123456789abcdef"
SIZES = (100, 1_000, 10_000)

# Throughput of talos-pki per core, to that of Go, at least; time to that of the floor, at most; and
# memory of the largest fleet to that of the smallest, at most.
PER_CORE_GOAL = 5
FLOOR_GOAL = 2
MEMORY_GOAL = 1.25


def compare(arguments, folder, run, peak_memory, private_copy):
    """Prints the tables, and returns the goals that are missed."""
    missed = []
    print("\n| clusters | program | clusters/s | processor ms a cluster | ratio | goal | |")
    print("|---|---|---:|---:|---:|---:|---|")
    for variant in ("rsa-2048", "ecdsa-p256"):
        fleet = make(arguments, folder, variant, arguments.fleet, private_copy)
        missed += throughput(arguments, folder, fleet, variant, run)
        shutil.rmtree(fleet)
    missed += memory(arguments, folder, peak_memory, private_copy)
    return missed


def make(arguments, folder, variant, count, private_copy):
    """A folder with `count` clusters."""
    fleet = folder / f"fleet-{variant}-{count}"
    first = fleet / "c00000"
    private_copy(arguments.fixtures / "kubeadm" / variant / "pki", first)
    names = [str(fleet / f"c{number:05}") for number in range(1, count)]
    for name in names:
        # Python's copytree is several times slower.
        subprocess.run(["cp", "-a", str(first), name], check=True)
    return fleet


def ours(arguments, fleet, out, jobs):
    command = [arguments.ours, "gen", "secrets", "--fleet", fleet, "-o", out]
    return command + ["-t", TOKEN, "--now", NOW, "--jobs", jobs]


def throughput(arguments, folder, fleet, variant, run):
    out = folder / "out"
    programs = {
        "talos-pki, 1 thread": ours(arguments, fleet, out, 1),
        "talos-pki, 2 threads": ours(arguments, fleet, out, 2),
        "Go": [arguments.peer, "import-fleet", fleet, out, TOKEN],
        "floor": [arguments.floor, fleet],
    }
    samples = {name: [] for name in programs}
    for turn in range(arguments.fleet_rounds):
        for name, command in programs.items():
            print(f"bench: {arguments.fleet} of {variant}: {name} ({turn + 1})", file=sys.stderr)
            samples[name].append(run(command))
            shutil.rmtree(out, ignore_errors=True)
    wall = {name: statistics.median(wall for wall, _ in runs) for name, runs in samples.items()}
    cpu = {name: statistics.median(cpu for _, cpu in runs) for name, runs in samples.items()}
    mine = cpu["talos-pki, 1 thread"]
    judged = {
        "Go": (cpu["Go"] / mine, PER_CORE_GOAL, cpu["Go"] / mine >= PER_CORE_GOAL),
        "floor": (mine / cpu["floor"], FLOOR_GOAL, mine / cpu["floor"] <= FLOOR_GOAL),
    }
    count, missed = arguments.fleet, []
    for name in programs:
        cells = [f"{count:,} of {variant}", name, f"{count / wall[name]:,.0f}"]
        cells += [f"{cpu[name] / count * 1e3:.2f}", "", "", ""]
        if name in judged:
            ratio, goal, is_met = judged[name]
            sign = "≥" if name == "Go" else "≤"
            cells[4:] = [f"{ratio:.2f}", f"{sign} {goal}", "met" if is_met else "**missed**"]
            missed += [] if is_met else [f"fleet of {variant} against {name}"]
        print(f"| {' | '.join(cells)} |")
    return missed


def memory(arguments, folder, peak_memory, private_copy):
    print("\n| peak memory | " + " | ".join(f"{size:,} clusters" for size in SIZES) + " | |")
    print("|---|" + "---:|" * len(SIZES) + "---|")
    peaks = {"talos-pki, 2 threads": [], "Go": []}
    out = folder / "out"
    for size in SIZES:
        fleet = make(arguments, folder, "ecdsa-p256", size, private_copy)
        go = [arguments.peer, "import-fleet", fleet, out, TOKEN]
        for name, command in zip(peaks, (ours(arguments, fleet, out, 2), go)):
            print(f"bench: memory at {size}: {name}", file=sys.stderr)
            peaks[name].append(peak_memory(command))
            shutil.rmtree(out)
        shutil.rmtree(fleet)
    mine = peaks["talos-pki, 2 threads"]
    is_met = mine[-1] <= mine[0] * MEMORY_GOAL
    for name, sizes in peaks.items():
        verdict = ("flat: met" if is_met else "flat: **missed**") if sizes is mine else ""
        cells = [name, *(f"{size / 2**20:.1f} MiB" for size in sizes), verdict]
        print(f"| {' | '.join(cells)} |")
    return [] if is_met else ["memory of fleets"]
