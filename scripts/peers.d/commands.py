"""Every command line that we tell a person to run is one that its program knows."""

import collections
import concurrent.futures
import re

from command_judges import Judges
from command_lines import Lines, rust_literals
from programs import at_fixture_time
from rehearsal import Shell

#: Commands that are wrong, each in a way of its own. A judge that lets one of them pass proves nothing.
WRONG = [
    "talosctl etcd remove-member --force ID",
    "talosctl etcd leav",
    "talosctl bootstrap now",
    "talosctl reset --gracefully",
    "talosctl gen config NAME",
    "talosctl upgrade-k8s --version 1.36.3",
    "kubectl drain NAME --delete-local-data",
    "kubectl config set-clusters NAME",
    "kubectl get nodes -q wide",
    "kubectl frobnicate",
    "kubectl create secret generic",
    "etcdctl snapshot restore FILE",
    "etcdctl member remove",
    "etcdutl snapshot restore FILE --bump-revisions 1",
    "etcdutl snapshot restore FILE OTHER",
    "kubeadm certs renew-all",
    "kubeadm token create --ttl 0 --never-ends",
    "openssl x509 -in FILE -copyextensions copyall",
    "openssl x510 -in FILE",
    "talos-pki gen secret",
    "talos-pki scan --layouts kubeadm DIR",
    "k3s etcd-snapshot store",
    "k3s etcd-snapshot save --names NAME",
]

#: How many different calls of a program have to be found at least.
LEAST = {
    "talosctl": 25, "kubectl": 70, "etcdctl": 8, "etcdutl": 1, "kubeadm": 7, "openssl": 6,
    "talos-pki": 60, "k3s": 2, "rke2": 1, "k0s": 4, "kops": 1, "microk8s": 3, "rke": 3, "velero": 3,
}


def every_text(programs, group):
    """What runbooks, pages, remedies and helps tell to run is run by a shell of stand-ins, and each
    call that comes of it is judged by the real program."""
    judges = Judges(programs)
    shell = Shell(programs.folder())
    for command in WRONG:
        (call, *_), _ = shell.calls(command)
        problem = judges.problem(call, True)
        group.check(f"`{command}` is refused", None if problem else "it passes")
    calls = {}
    for source, lines, is_whole in texts(programs, group):
        for call, whole in rehearsed(group, shell, source, lines, is_whole):
            if judges.knows(call[0]) and "[" not in "".join(word[:1] for word in call):
                shape = tuple(word.split("=")[0] for word in call)
                if shape not in calls or whole > calls[shape][1]:
                    calls[shape] = call, whole, source
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        judged = pool.map(lambda asked: judges.problem(*asked[:2]), calls.values())
        for (call, _, source), problem in zip(calls.values(), judged):
            group.check(f"{source}: {' '.join(call)}", problem)
    found = collections.Counter(call[0] for call in calls)
    for name, least in LEAST.items():
        problem = None if found[name] >= least else f"{found[name]}, not {least}"
        group.check(f"calls of {name}", problem)


def texts(programs, group):
    """All that is told, by where it is told, and whether its blocks are typed as they are."""
    for path in sorted((programs.root / "tests/snapshots/migration_reports").glob("runbook-*")):
        yield path.stem, Lines().markdown(path.read_text()), True
    for name, text in runbooks(programs, group):
        yield name, Lines().markdown(text), True
    pages = [programs.root / "README.md", *sorted((programs.root / "docs").rglob("*.md"))]
    for path in pages:
        yield path.name, Lines().markdown(path.read_text()), True
    yield "explain --markdown", Lines().markdown(
        programs.output([programs.ours, "explain", "--markdown"])
    ), True
    for path in sorted((programs.root / "src").rglob("*.rs")):
        lines = Lines()
        for text in rust_literals(path.read_text()):
            lines.literal(text)
        yield path.relative_to(programs.root), lines, False


#: Runbooks that the program writes here and now, and the arguments.
CONVERSIONS = {
    "joined": ["kubeadm/rsa-2048"],
    "patches": ["kubeadm/ecdsa-p256", "-t", "abcdef.0123456789abcdef", "--patches"],
    "restored": ["kubeadm/external-etcd", "--allow", "missing-etcd-ca-key"],
}


def runbooks(programs, group):
    for name in CONVERSIONS:
        text = runbook(programs, name)
        if text is None:
            group.fail(f"convert, {name}", "it made no runbook")
        else:
            yield f"convert, {name}", text


def runbook(programs, name):
    """The runbook of a conversion; none if there is none."""
    fixture, *arguments = CONVERSIONS[name]
    folder = programs.folder() / "migration"
    programs.talos_pki(
        "convert", programs.fixtures / fixture, "-o", folder, *arguments,
        "--endpoint", "https://kube.example.org:6443", *at_fixture_time(),
    )
    page = folder / "MIGRATION.md"
    return page.read_text() if page.exists() else None


#: What a block says that later ones need.
FUNCTION = re.compile(r"^\w+\(\) \{(?:[^\n]*\\\n)*[^\n]*\}\n", re.MULTILINE)


def rehearsed(group, shell, source, lines, is_whole):
    """The calls that a text leads to, and whether a person would type them as they are."""
    before = ""
    for block in dict.fromkeys(lines.blocks):
        calls, problem = shell.calls(block, before)
        if is_whole:
            group.check(f"{source}, for a shell: {block!r}", problem)
            before += "".join(FUNCTION.findall(block))
        yield from ((call, is_whole) for call in calls)
    for mention in dict.fromkeys(lines.mentions):
        calls, problem = shell.calls(mention)
        group.check(f"{source}, for a shell: {mention}", problem)
        yield from ((call, False) for call in calls)
