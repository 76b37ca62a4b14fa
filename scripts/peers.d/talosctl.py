"""The real command line of talosctl beside ours: what only it shows, and its library does not."""

import concurrent.futures
import json
import re
import shlex
import shutil
import subprocess

from programs import CONTRACTS, TWO_CONTRACTS, at_fixture_time, said

#: Configurations without comments, as we write them.
BARE = ["--with-docs=false", "--with-examples=false"]

CLUSTER = ["prod", "https://10.0.0.1:6443"]

#: Every flag that both have, for every contract.
EVERYTHING = [
    "--additional-sans", "a.example.org,192.0.2.9", "--additional-sans=::1", "--dns-domain=k8s.example.org",
    "--install-disk", "/dev/nvme0n1", "--install-image=ghcr.io/example/installer:v1.2.3",
    "--with-kubespan", "--with-cluster-discovery", "--kubernetes-version", "v1.36.1-rc.0",
]

#: Arguments by which both write the same files, with what is in them.
SAME = {
    "all defaults": CLUSTER,
    "no version": [*CLUSTER, "--talos-version="],
    "no v": [*CLUSTER, "--talos-version", "1.7.0-alpha.1"],
    "a version to come": [*CLUSTER, "--talos-version", "v2.0"],
    "no names": [*CLUSTER, "--additional-sans="],
    "no names and one": [*CLUSTER, "--additional-sans=", "--additional-sans=a.example.org"],
    "a name twice": [*CLUSTER, "--additional-sans=a,a", "--additional-sans=a"],
    "no discovery": [*CLUSTER, "--with-cluster-discovery=false"],
    "no disk": [*CLUSTER, "--install-disk", ""],
    "one type twice": [*CLUSTER, "-t", "worker,worker"],
    "two types": [*CLUSTER, "-t", "controlplane", "-t", "worker"],
    "standard output": [*CLUSTER, "-t", "worker", "-o", "-"],
    "a file": [*CLUSTER, "-t", "controlplane", "-o", "cp.yaml"],
    "a file in a new folder": [*CLUSTER, "-t", "controlplane", "--output=new/folder/cp.yaml"],
    "a new folder": [*CLUSTER, "--output-types=controlplane,worker", "--output", "new/folder"],
    "no port": ["prod", "https://10.0.0.1"],
    "a path": ["prod", "https://10.0.0.1:6443/path/"],
    "capitals": ["Prod_1", "HTTPS://API.Example.ORG:6443"],
    "IPv6": ["prod", "https://[2001:db8::1]:6443"],
    "quotes": ["it's: \"prod\" #1", "https://10.0.0.1:"],
    "letters": ["日本", "https://10.0.0.1:6443"],
}

#: What both refuse, with nothing written.
REFUSED = {
    "no scheme": ["prod", "10.0.0.1:6443"],
    "plain HTTP": ["prod", "http://10.0.0.1:6443"],
    "a port too large": ["prod", "https://10.0.0.1:99999"],
    "IPv6 without brackets": ["prod", "https://2001:db8::1"],
    "no host": ["prod", "https://"],
    "a blank": ["prod", "https://exa mple:6443"],
    "no endpoint": ["prod"],
    "half a version": [*CLUSTER, "--talos-version", "v1"],
    "another type": [*CLUSTER, "-t", "init"],
    "no type": [*CLUSTER, "-t", ""],
    "two types at once": [*CLUSTER, "-t", "worker,controlplane", "-o", "-"],
    "a flag of nobody": [*CLUSTER, "--with-everything"],
}


#: What is a container needs hostDNS, which Talos 1.7 brought.
MODES = {"v1.6": ["metal", "cloud"], "v1.14": ["metal", "cloud", "container"]}


class Both:
    """Ours and talosctl, each in a folder of its own."""

    def __init__(self, programs):
        self.programs = programs
        self.theirs = programs.peer("talosctl-1.14")
        self.home = programs.folder()

    def talosctl(self, *arguments, folder=None):
        return self.run(self.theirs, arguments, folder or self.home)

    def run(self, program, arguments, folder, environment=None):
        return subprocess.run(
            [program, *arguments], cwd=folder, env=environment or {"HOME": str(self.home)},
            stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
        )

    def side_by_side(self, ours, theirs):
        """What the same does in two empty folders: exit status, output, and files."""
        done = []
        for program, arguments in ((self.programs.ours, ours), (self.theirs, theirs)):
            folder = self.programs.folder()
            ran = self.run(program, arguments, folder)
            done.append((ran, files(folder)))
        return done


def files(folder):
    """The files in a folder, by name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def masked(contents):
    """A talosconfig without what is another one each time."""
    return re.sub(rb"(crt|key): \S+", rb"\1: X", contents)


def configurations(programs, group):
    """`gen config` writes the same files by the same flags, or both refuse; and what ours writes
    `talosctl validate` takes for machines of every kind."""
    both = Both(programs)
    bundle = make_bundle(programs)
    wanted = {name: ["gen", "config", *arguments] for name, arguments in SAME.items()}
    for contract in CONTRACTS:
        version = ["--talos-version", contract]
        wanted[f"everything {contract}"] = ["gen", "config", *CLUSTER, *version, *EVERYTHING]
    wanted |= {name: ["gen", "config", *arguments] for name, arguments in REFUSED.items()}
    secrets = ["--with-secrets", bundle]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = pool.map(
            lambda asked: both.side_by_side([*asked, *secrets], [*asked, *secrets, *BARE]),
            wanted.values(),
        )
        for name, ((ours, our_files), (theirs, their_files)) in zip(wanted, done):
            if name in REFUSED:
                both_refuse = ours.returncode and theirs.returncode and not our_files | their_files
                group.check(name, None if both_refuse else "one of them does it")
                continue
            group.expect(f"{name}, exit status", (0, 0), (ours.returncode, theirs.returncode))
            group.expect(f"{name}, output", theirs.stdout, ours.stdout)
            group.expect(f"{name}, files", list(their_files), list(our_files))
            for file, contents in their_files.items():
                group.expect(f"{name}, {file}", masked(contents), masked(our_files.get(file, b"")))
    for contract, modes in MODES.items():
        folder = programs.folder()
        programs.talos_pki(
            "gen", "config", *CLUSTER, *secrets, "--talos-version", contract, "-o", folder
        )
        for machine in ("controlplane", "worker"):
            for mode in modes:
                config = folder / f"{machine}.yaml"
                ran = both.talosctl("validate", "--mode", mode, "--config", config, "--strict")
                problem = None if ran.returncode == 0 else said(ran)
                group.check(f"validate {contract} {machine} {mode}", problem)


def make_bundle(programs):
    path = programs.folder() / "secrets.yaml"
    ran = programs.talos_pki(
        "gen", "secrets", "-p", programs.fixtures / "kubeadm" / "ecdsa-p256", "-o", path,
        "-t", "abcdef.0123456789abcdef",
    )
    if ran.returncode:
        raise RuntimeError(said(ran))
    return path


def patches(programs, group):
    """The command in the runbook of `convert --patches` makes the configurations that `convert`
    writes as a whole, but for comments and the order of documents."""
    both = Both(programs)
    cluster = programs.fixtures / "kubeadm" / "rsa-2048"
    arguments = [
        "-t", "abcdef.0123456789abcdef", "--endpoint", "https://kube.example.org:6443",
        "--install-disk", "/dev/vda", "--additional-sans", "more.example.org", *at_fixture_time(),
    ]
    whole, parts = programs.folder(), programs.folder()
    for folder, more in ((whole, []), (parts, ["--patches"])):
        ran = programs.talos_pki("convert", cluster, "-o", folder, *arguments, *more)
        group.check(f"convert {' '.join(more)}", None if ran.returncode == 0 else said(ran))
    shutil.copy(whole / "secrets.yaml", parts / "secrets.yaml")
    runbook = (parts / "MIGRATION.md").read_text()
    (line,) = re.findall(r"^talosctl (gen config (?:.*\\\n)*.*)", runbook, re.MULTILINE)
    command = shlex.split(line.replace("\\\n", ""))
    for more in ([], BARE):
        ran = both.talosctl(*command, *more, folder=parts)
        group.check(" ".join(command + more), None if ran.returncode == 0 else said(ran))
        for machine in ("controlplane", "worker"):
            made = parts / f"{machine}.yaml"
            if more:
                ran = programs.talos_pki("validate", made, *at_fixture_time())
                group.check(f"validate {machine}", None if ran.returncode == 0 else said(ran))
                group.expect(machine, documents(whole / made.name), documents(made))
            ran = both.talosctl("validate", "--mode", "metal", "--config", made)
            group.check(f"talosctl validate {machine}", None if ran.returncode == 0 else said(ran))
    changed = both.talosctl(
        "machineconfig", "patch", whole / "worker.yaml", "--patch", '{"machine": {"type": "worker"}}'
    )
    group.check("machineconfig patch", None if changed.returncode == 0 else said(changed))


def documents(path):
    """The documents of a configuration. One that a patch replaces stands at the end."""
    return sorted(path.read_text().rstrip().split("\n---\n"))


def bundles(programs, group):
    """`gen secrets` imports the same, and each takes back what the other wrote."""
    both = Both(programs)
    for fixture in ("rsa-2048", "ecdsa-p384"):
        pki = programs.fixtures / "kubeadm" / fixture / "pki"
        asked = ["gen", "secrets", "-p", pki, "-t", "abcdef.0123456789abcdef"]
        (ours, our_files), (theirs, their_files) = both.side_by_side(asked, asked)
        group.expect(f"{fixture}, exit status", (0, 0), (ours.returncode, theirs.returncode))
        wanted, got = (without_fresh(made["secrets.yaml"]) for made in (their_files, our_files))
        group.expect(f"{fixture}, what was imported", wanted, got)
    for contract in TWO_CONTRACTS:
        folder = programs.folder()
        for program in (programs.ours, both.theirs):
            name = f"{program.name} {contract}"
            version = ["--talos-version", contract]
            for command in (
                ["gen", "secrets", *version, "--force"],
                ["gen", "config", *CLUSTER, *version, "--with-secrets=secrets.yaml", "--force"],
            ):
                ran = both.run(program, command, folder)
                group.check(f"{name}, {command[1]}", None if ran.returncode == 0 else said(ran))
            back = ["gen", "secrets", "--from-controlplane-config=controlplane.yaml", "-o"]
            for reader in (programs.ours, both.theirs):
                ran = both.run(reader, [*back, "-"], folder)
                bundle = (folder / "secrets.yaml").read_bytes()
                group.expect(f"{name}, back by {reader.name}", bundle, ran.stdout)


def without_fresh(bundle):
    """A bundle without what is made anew each time, whatever was imported: its form, and its slots."""
    fresh = rb"((?:id|secret|secretboxencryptionsecret|token): |    os:\n +crt: )\S+(\n +key: \S+)?"
    return re.sub(fresh, rb"\1X", bundle)


def talosconfigs(programs, group):
    """talosctl shows ours, merges it, and changes it; we show and extend what it has written."""
    both = Both(programs)
    bundle = make_bundle(programs)
    folder = programs.folder()
    ran = programs.talos_pki(
        "config", "new", "--with-secrets", bundle, "--name", "prod", "--roles", "os:reader,os:operator",
        "--endpoints", "10.0.0.1,10.0.0.2", "--nodes", "10.0.0.3", "--crt-ttl", "720h0m0s", folder / "ours",
    )
    group.check("config new", None if ran.returncode == 0 else said(ran))
    told = json.loads(both.talosctl("--talosconfig", folder / "ours", "config", "info", "-o", "json").stdout)
    ours = contexts(programs, folder / "ours")["prod"]
    for field in ("endpoints", "nodes"):
        group.expect(f"config info, {field}", told[field], ours[field])
    group.expect("config info, roles", told["roles"], ours["certificate"]["roles"])
    group.expect("config info, context", "prod", told["context"])
    group.expect("config info, end", told["certNotAfter"], ours["certificate"]["not_after"][:10])

    made = ["gen", "config", "theirs", CLUSTER[1], "--with-secrets", bundle, "-t", "talosconfig"]
    both.talosctl(*made, "-o", "theirs", folder=folder)
    for command in (
        ["config", "merge", "ours"], ["config", "merge", "ours"], ["config", "context", "theirs"],
        ["config", "endpoint", "10.0.0.9"], ["config", "proxy-url", "https://proxy.example.org"],
    ):
        ran = both.talosctl("--talosconfig", "theirs", *command, folder=folder)
        group.check(" ".join(command), None if ran.returncode == 0 else said(ran))
    group.expect("merged by talosctl", ["prod", "prod-1", "theirs"], list(contexts(programs, folder / "theirs")))
    before = (folder / "theirs").read_bytes()
    ran = programs.talos_pki(
        "config", "new", "--with-secrets", bundle, "--name", "more", "--merge", folder / "theirs"
    )
    group.check("config new --merge", None if ran.returncode == 0 else said(ran))
    listed = both.talosctl("--talosconfig", "theirs", "config", "contexts", folder=folder).stdout.decode()
    group.expect("merged by us", ["admin@more", "prod", "prod-1", "theirs"], names(listed))
    for command in (["config", "context", "theirs"], ["config", "remove", "admin@more", "--noconfirm"]):
        ran = both.talosctl("--talosconfig", "theirs", *command, folder=folder)
        group.check(" ".join(command), None if ran.returncode == 0 else said(ran))
    group.expect("what was there", before, (folder / "theirs").read_bytes())


#: Where both look for a talosconfig, and whose they find. Names are of folders; what is no file is none.
ENVIRONMENTS = [
    ({"HOME": "home"}, "home"),
    ({"HOME": "home", "TALOS_HOME": "talos"}, "talos"),
    ({"HOME": "home", "TALOS_HOME": "talos", "TALOSCONFIG": "file/talosconfig"}, "file"),
    ({"HOME": "home", "TALOSCONFIG": "none"}, "home"),
    ({"HOME": "home", "TALOSCONFIG": ""}, "home"),
    ({"HOME": "home", "TALOS_HOME": ""}, "home"),
    ({"TALOS_HOME": "talos"}, "talos"),
]


def environments(programs, group):
    """Both find the same talosconfig where none is named."""
    both = Both(programs)
    bundle, folder = make_bundle(programs), programs.folder()
    for name, path in {"home": "home/.talos/config", "talos": "talos/config", "file": "file/talosconfig"}.items():
        (folder / path).parent.mkdir(parents=True)
        programs.talos_pki("config", "new", "--with-secrets", bundle, "--name", name, folder / path)
    for variables, wanted in ENVIRONMENTS:
        environment = {name: str(folder / value) if value else "" for name, value in variables.items()}
        found = [
            re.search(rb"admin@(\w+)", both.run(program, ["config", "info"], folder, environment).stdout)
            for program in (programs.ours, both.theirs)
        ]
        names_found = [match and match.group(1).decode() for match in found]
        group.expect(f"the talosconfig of {variables}", [wanted, wanted], names_found)


def contexts(programs, path):
    """The contexts of a talosconfig, as ours tells them."""
    report = json.loads(programs.talos_pki("config", "info", path, "--format", "json").stdout)
    return {context["name"]: context for context in report["contexts"]}


def names(listed):
    """The names in a list of contexts, whose current one has a mark."""
    return sorted(line.removeprefix("*").split()[0] for line in listed.splitlines()[1:])
