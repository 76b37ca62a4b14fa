"""Every flag of the real servers, given to an old cluster: what `convert` says that becomes of it, is
what a node of Talos then does, and the servers know it."""

import concurrent.futures
import json
import re
import subprocess

import nodes
from patches import ENDPOINT, TOKEN, Case
from programs import at_fixture_time

#: A flag in the help of a server: its name, the type of its value if it is no switch.
HELP = re.compile(r"^ +(?:-\w, )?--([a-z0-9-]+)(?: (\S+))?  +\S", re.MULTILINE)
#: The same of etcd, which tells no type, but the value that nobody has to give.
HELP_OF_ETCD = re.compile(r"^  --([a-z0-9-]+)(?: '?(\S*?)'?)?$", re.MULTILINE)

#: The type of a value such as etcd tells it.
TYPES = {r"true|false": None, r"\d+": "int", r"(\d+[hms])+": "duration"}

#: A value that a server takes, by type.
VALUES = {
    None: "true", "int": "7", "int32": "7", "uint": "7", "uint32": "7", "int64": "7", "float": "7",
    "float32": "7", "Level": "3", "severity": "2", "duration": "7m0s", "ip": "192.0.2.7",
    "int32Slice": "4588", "mapStringString": "a=b", "stringToString": "metric,label=a", "bool": "true",
    "pattern=N,...": "a=7", "portRange": "30000-32000", "namedCertKey": "a.crt,a.key", "quantity": "1Mi",
}
#: A value by flag, where the type does not tell; of etcd without `experimental-`.
VALUES_BY_NAME = {
    "cluster-cidr": "10.77.0.0/16", "service-cluster-ip-range": "10.96.0.0/16",
    "emulated-version": "1.36", "min-compatibility-version": "1.36",
    "feature-gates": "AllAlpha=false", "cipher-suites": "TLS_AES_128_GCM_SHA256",
    "cors": "https://a.example.org:443", "discovery-fallback": "exit", "v2-deprecation": "write-only",
    "enable-grpc-gateway": "true", "memory-mlock": "true", "stop-grpc-service-on-defrag": "true",
    "bootstrap-defrag-threshold-megabytes": "7", "max-concurrent-streams": "7",
    "snapshot-catchup-entries": "7", "backend-batch-interval": "7m0s",
    "compaction-sleep-interval": "7m0s", "downgrade-check-time": "7m0s",
    "warning-apply-duration": "7m0s", "warning-unary-request-duration": "7m0s",
}

#: Flags that print something and end.
NOT_SETTINGS = {"help", "version", "write-config-to"}

#: Flags that become documents or fields of Talos.
INTO_DOCUMENTS = re.compile("anonymous-auth|oidc-.*|service-cluster-ip-range")

#: The versions of Talos whose nodes get the flags of a server. Those of etcd are asked of both, since
#: what Talos refuses and what etcd knows are others in each.
VERSIONS = {"etcd": ["v1.14", "v1.13"]}

#: How many flags there are at least: a help that cannot be read proves nothing.
LEAST = {"kube-apiserver": 130, "kube-controller-manager": 130, "kube-scheduler": 40, "etcd": 80}


def every_flag(programs, group):
    known = nodes.Flags(programs)
    wanted = []
    for server in nodes.SERVERS:
        flags = settings(known.programs[server])
        few = None if len(flags) >= LEAST[server] else f"only {len(flags)} are told"
        group.check(f"flags of {server}", few)
        versions = VERSIONS.get(server, ["v1.14"])
        wanted += [(version, server, *flag) for version in versions for flag in flags]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        found = pool.map(lambda flag: problem(programs, known, *flag), wanted)
    converted = 0
    for (version, server, name, _), (outcome, why) in zip(wanted, found):
        group.check(f"{server} --{name} for {version}", why)
        converted += outcome == "converted"
    group.check("converted flags", None if converted >= 200 else f"only {converted} are converted")


def settings(program):
    """The flags of a server, each with a value."""
    ran = subprocess.run([program, "--help"], capture_output=True, text=True)
    text = ran.stdout + ran.stderr
    told = [(name, kind or None) for name, kind in HELP.findall(text)]
    told = told or [(name, type_of(default)) for name, default in HELP_OF_ETCD.findall(text)]
    return [
        (name, VALUES_BY_NAME.get(plain(name)) or VALUES.get(kind, "seven"))
        for name, kind in told if name not in NOT_SETTINGS
    ]


def plain(name):
    """The name by which the etcd of Talos knows a flag."""
    return name.removeprefix("experimental-")


def type_of(default):
    """The type of a flag of etcd."""
    return next((kind for form, kind in TYPES.items() if re.fullmatch(form, default)), "string")


def problem(programs, known, version, server, name, value):
    """What became of a flag, and what is wrong with that or None."""
    case, out = Case(programs), programs.folder() / "out"
    case.flags(server, f"--{name}={value}")
    ran = programs.talos_pki(
        "convert", case.folder, "-o", out, "--talos-version", version, "--endpoint", ENDPOINT,
        *at_fixture_time("-t", TOKEN),
    )
    if ran.returncode != 0:
        said = ran.stderr.decode(errors="replace")
        return "refused", None if ran.returncode == 1 and name in said else said[:300]
    outcomes = {
        item["outcome"]
        for item in json.loads((out / "report.json").read_text())["items"]
        if item["what"] == f"--{name}={value}"
    }
    if not outcomes:
        return None, "nothing is said of it"
    folder, why = nodes.start(programs, out / "controlplane.yaml", version)
    why = why or known.problem(folder, version)
    if why or outcomes != {"converted"} or INTO_DOCUMENTS.fullmatch(name):
        return None, why
    given = nodes.split(json.loads((folder / "flags.json").read_text())[server])
    passed_on = any(flag == plain(name) and value in text for flag, text in given)
    return "converted", None if passed_on else "it is said to be converted, and the server does not get it"
