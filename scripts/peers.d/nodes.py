"""Control plane nodes of Talos, by its own controllers, on configs that we make of clusters: they
start, and their servers run as those of the old cluster did."""

import base64
import concurrent.futures
import json
import os
import re
import subprocess
import threading

#: Which nodes take the config of a contract: those of its version, and those that are updated.
NODES = {"v1.13": ["v1.13", "v1.14"], "v1.14": ["v1.14"]}

#: Flags of kube-apiserver that a node gives in its own way, since they say where its files and its
#: addresses are, or hold for Talos alone. All others have to be those of the old cluster.
OF_THE_NODE = {
    "admission-control-config-file", "advertise-address", "audit-log-maxage", "audit-log-maxbackup",
    "audit-log-maxsize", "audit-log-path", "audit-policy-file", "authentication-config",
    "authorization-config", "bind-address", "client-ca-file", "encryption-provider-config",
    "etcd-cafile", "etcd-certfile", "etcd-keyfile", "etcd-servers", "kubelet-client-certificate",
    "kubelet-client-key", "profiling", "proxy-client-cert-file", "proxy-client-key-file",
    "requestheader-client-ca-file", "service-account-key-file", "service-account-signing-key-file",
    "tls-cert-file", "tls-cipher-suites", "tls-min-version", "tls-private-key-file",
}

#: What a node that has documents says in a file.
OF_AUTHENTICATION = re.compile("oidc-.*|anonymous-auth")

#: A block of PEM, and what is in it. Talos writes public keys under labels of their algorithms.
BLOCK = re.compile(r"-----BEGIN ([A-Z ]+)-----([^-]+)-----END ")
FLAG = re.compile(r"""^ +- ["']?--([a-z-]+)=(.*?)["']?$""", re.MULTILINE)
#: What Talos 1.14 says of a config of the versions before without encryption.
REFUSED_WHEN_UPDATED = "etcd encryption config is required"

#: What the runbook has taken out of a config before an update.
FLAGS_PATCH = re.compile(r"^cat > flags\.patch\.yaml <<'END'\n(.*?)^END$", re.MULTILINE | re.DOTALL)

#: A key in a configuration of encryption, in YAML of either style.
ENCRYPTION_KEY = re.compile(r"""name: ["']?([\w-]+)["']?,?\s+secret: ([\w+/=]+)""")


#: The servers of a control plane, by their names in the flags of a node.
SERVERS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"]

#: The etcd that a version of Talos runs. The servers of Kubernetes are the cluster's choice.
ETCD = {"v1.13": "etcd", "v1.14": "etcd-3.7"}


def every_distribution(programs, group):
    """A configuration of every test of another distribution that makes one: a node starts with it."""
    configs = kept_configs(programs)
    group.check("configurations", None if len(configs) >= 15 else f"only {len(configs)} are there")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        found = pool.map(lambda config: start(programs, config, version_of(config)), configs)
    flags = Flags(programs)
    for config, (folder, problem) in zip(configs, found):
        group.check(config.stem, problem or flags.problem(folder, version_of(config)))


def kept_configs(programs):
    """The first configuration that each test of distributions leaves: others are its variations."""
    folder = programs.folder()
    command = ["cargo", "test", "--locked", "--quiet", "--test", "converting_distributions"]
    subprocess.run(
        command, cwd=programs.root, env=os.environ | {"KEEP_CONFIGS_IN": str(folder)},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True,
    )
    return sorted(folder.glob("*-1.yaml"))


def version_of(config):
    """The oldest version of Talos that reads a configuration and is here."""
    return "v1.14" if "\nkind: KubeAPIServerCAConfig\n" in config.read_text() else "v1.13"


class Flags:
    """Whether the servers know the flags that nodes give them. Asked once for each list."""

    def __init__(self, programs):
        self.programs = {program: programs.peer(program) for program in [*SERVERS, *ETCD.values()]}
        self.known = {}
        self.turn = threading.Lock()

    def problem(self, folder, version):
        """What a server says against the flags that a node of `version` gives it, or None."""
        arguments = json.loads((folder / "flags.json").read_text())
        for server in SERVERS:
            # What kubelet puts in.
            flags = tuple(flag.replace("$(POD_IP)", "192.0.2.11") for flag in arguments[server])
            asked = ETCD[version] if server == "etcd" else server, flags
            with self.turn:
                if asked not in self.known:
                    self.known[asked] = self.ask(*asked)
                if self.known[asked]:
                    return f"{server}: {self.known[asked]}"
        return None

    def ask(self, program, flags):
        """Flags are read before the version is told."""
        ran = subprocess.run(
            [self.programs[program], *flags, "--version"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, env={},
        )
        return None if ran.returncode == 0 else ran.stderr.strip()[:300] or "it ends"


def start(programs, config, version):
    """What a node of `version` makes of a config: its folder, and what is wrong or None."""
    folder = programs.folder()
    ran = subprocess.run(
        [programs.talos_node(version), "--node-ip", "192.0.2.11", config, folder],
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )
    return folder, ran.stderr.strip() if ran.returncode else None


def problems(programs, flags, case, folder, contract):
    """What is wrong with the nodes of a cluster that was converted into `folder`, by what it was asked
    of."""
    found = {}
    for version in NODES[contract]:
        worker, problem = start(programs, folder / "worker.yaml", version)
        found[f"a worker of {version} starts"] = problem or kubelet_problem(case, worker)
        config = folder / "controlplane.yaml"
        node, problem = start(programs, config, version)
        if version != contract and problem and REFUSED_WHEN_UPDATED in problem:
            # The runbook tells how to go on.
            node, problem = start(programs, as_the_runbook_tells(programs, config), version)
            found[f"a node of {version} starts after what the runbook tells"] = (
                problem or flags.problem(node, version)
            )
            continue
        found[f"a node of {version} starts"] = problem
        if not problem:
            found[f"kubelet of {version}"] = kubelet_problem(case, node)
            found[f"servers of {version} know their flags"] = flags.problem(node, version)
            found |= {f"{what} of {version}": why for what, why in differences(case.folder, node)}
    return found


def kubelet_problem(case, node):
    """What kubelet is not told, or which CA of the old cluster it does not know."""
    told = (node / "kubelet.yaml").read_text()
    lost = [text for text in case.kubelet if text not in told]
    if lost:
        return f"kubelet is not told {lost[0]!r}"
    return missing(case.folder / "pki" / "ca.crt", node / "kubelet-ca.crt")


def as_the_runbook_tells(programs, config):
    """The config after what the runbook tells to do before Talos is updated: it gets a key, and flags
    are taken out."""
    runbook = (config.parent / "MIGRATION.md").read_text()
    (command,) = re.findall(r"^sed -n 's/.*> encryption\.patch\.yaml$", runbook, re.MULTILINE | re.DOTALL)
    folder = programs.folder()
    (folder / "secrets.yaml").write_text((config.parent / "secrets.yaml").read_text())
    subprocess.run(["sh", "-c", command], cwd=folder, stdin=subprocess.DEVNULL, check=True)
    (field,) = re.findall(r"^cluster: {(.*)}$", (folder / "encryption.patch.yaml").read_text())
    path = folder / "controlplane.yaml"
    path.write_text(config.read_text().replace("\ncluster:\n", f"\ncluster:\n    {field}\n", 1))
    for patch in FLAGS_PATCH.findall(runbook):
        (folder / "flags.patch.yaml").write_text(patch)
        subprocess.run(
            [programs.peer("talosctl-1.13"), "machineconfig", "patch", path, "-o", path,
             "--patch", f"@{folder}/flags.patch.yaml"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True,
        )
    return path


def differences(old, node):
    """Pairs of what was compared, and what is wrong with it or None."""
    files = node / "system" / "config" / "kubernetes" / "kube-apiserver"
    secrets = node / "system" / "secrets" / "kubernetes" / "kube-apiserver"
    wanted = by_name(FLAG.findall((old / "manifests" / "kube-apiserver.yaml").read_text()))
    given = by_name(split(json.loads((node / "flags.json").read_text())["kube-apiserver"]))
    if "authentication-config" in given:
        moved = {name for name in wanted if OF_AUTHENTICATION.fullmatch(name)}
        said = (files / "authentication-config.yaml").read_text()
        lost = [value for name in moved for value in wanted.pop(name) if value not in said]
        yield "authentication", f"{lost} are not in its file" if lost else None
    yield "flags", flag_problem(wanted, given)
    for name, own in [
        ("ca.crt", "ca.crt"),
        ("front-proxy-ca.crt", "aggregator-ca.crt"),
        ("sa.pub", "service-account.pub"),
        ("old.pub", "service-account.pub"),
    ]:
        if name != "old.pub" or (old / "pki" / name).exists():
            yield name, missing(old / "pki" / name, secrets / own)
    encryption = old / "enc.yaml"
    if encryption.exists():
        wanted = ENCRYPTION_KEY.findall(encryption.read_text())
        given = ENCRYPTION_KEY.findall((secrets / "encryptionconfig.yaml").read_text())
        yield "encryption keys", None if wanted == given else "they are others, or in another order"


def flag_problem(wanted, given):
    for name in sorted(wanted.keys() - OF_THE_NODE):
        if name == "authorization-mode" and name not in given:
            # The node says the same in a file.
            continue
        if wanted[name] != given.get(name):
            return f"--{name} is {given.get(name)}, not {wanted[name]}"
    return None


def split(flags):
    return [flag.removeprefix("--").split("=", 1) for flag in flags if "=" in flag]


def by_name(flags):
    """Values by flag; those with commas are as good as the flag given twice."""
    values = {}
    for name, value in flags:
        values.setdefault(name, []).extend(value.split(","))
    return values


def missing(old, own):
    """Certificates or public keys of the old cluster that a node does not have."""
    wanted, have = blocks(old), blocks(own)
    # Under its own label an RSA key is the end of the general form.
    lost = [one for one in wanted if not any(one.endswith(other) for other in have)]
    return f"{len(lost)} of {len(wanted)} are not there" if lost or not wanted else None


def blocks(path):
    return [base64.b64decode(body) for _, body in BLOCK.findall(path.read_text())]
