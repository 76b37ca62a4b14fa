"""Talosconfigs before Talos's own client, and kubeconfigs before the real kube-apiserver."""

import json
import re
import shutil
import subprocess
import time

import kubeadm
from api_server import ApiServer
from fresh import ODD_TOKENS
from programs import said

#: CAs of the Talos API: a fresh one of Talos, and others that an administrator may have.
AUTHORITIES = {
    "Ed25519": None,
    "ECDSA-P256": "kubeadm/ecdsa-p256",
    "ECDSA-P384": "kubeadm/ecdsa-p384",
    "RSA-2048": "kubeadm/rsa-2048",
}

#: Sets of roles, sorted as Talos sorts them.
ROLES = [
    ["os:admin"],
    ["os:reader"],
    ["os:etcd:backup", "os:reader"],
    ["os:admin", "os:etcd:backup", "os:image:verifier", "os:impersonator", "os:meta:writer",
     "os:operator", "os:reader"],
]

#: Talosconfigs to merge into, as Talos writes them.
NONE_CLASHES = "context: other\ncontexts:\n    other:\n        endpoints: []\n"
ONE_CLASHES = "context: \"\"\ncontexts:\n    admin@prod:\n        endpoints: []\n"
MANY_CLASH = "context: b\ncontexts:\n" + "".join(
    f"    {name}:\n        endpoints:\n            - 10.0.0.{number}\n"
    for number, name in enumerate(["admin@prod"] + [f"admin@prod-{i}" for i in range(1, 12)] + ["b"])
)
ALL_FIELDS = """\
context: omni
contexts:
    admin@prod:
        endpoints:
            - 10.0.0.1
            - fd00::1
        nodes:
            - "2001"
        ca: Y2E=
        crt: Y3J0
        key: a2V5
        cluster: it's
    omni:
        endpoints:
            - https://example.omni.siderolabs.io
        auth:
            basic:
                username: jane
                password: "0123"
            siderov1:
                identity: jane@example.org
        cluster: talos-default
"""
TARGET = "contexts: {old: {target: 10.0.0.2, endpoints: [10.0.0.1]}}\ncontext: old\n"
EMPTY = "context: \"\"\ncontexts: {}\n"
PROXY = NONE_CLASHES + "        proxy-url: socks5://127.0.0.1:1080\n"
BASES = {
    "into none": EMPTY,
    "without a clash": NONE_CLASHES,
    "with a clash": ONE_CLASHES,
    "with many": MANY_CLASH,
    "with all fields": ALL_FIELDS,
    "with a deprecated field": TARGET,
    "with a proxy": PROXY,
}

#: What Talos 1.13 does not know, and loses.
UNKNOWN_TO_1_13 = ["with a proxy"]

#: Why Talos's API refuses the impostors: what the server says, and what we say of each.
IMPOSTORS = {
    "for-any-use": ("is not for clients alone", "is not for a TLS client alone"),
    "for-servers": ("incompatible key usage", "is not for a TLS client alone"),
    "for-servers-too": ("is not for clients alone", "is not for a TLS client alone"),
    "for-signing-code-too": ("is not for clients alone", "is not for a TLS client alone"),
    "without-a-use": ("is not for clients alone", "is not for a TLS client alone"),
    "ended": ("has expired or is not yet valid", "has ended"),
    "not-begun": ("has expired or is not yet valid", "does not hold yet"),
    "of-a-self-made-ca": ("signed by unknown authority", "was not issued by the CA"),
    "of-a-stranger": ("didn't provide a certificate", "was not issued by the CA"),
    "without-a-role": ("not authorized", "has no role"),
}


def talosconfigs(programs, group):
    """Talos reads them and would write the same bytes; its own client gets through to a server that
    demands what apid demands, and has the roles that were asked for. Both versions of Talos."""
    for kind, fixture in AUTHORITIES.items():
        secrets = bundle(programs, fixture)
        paths = {}
        for number, roles in enumerate(ROLES):
            path = programs.folder() / f"{number}"
            ran = programs.talos_pki(
                "config", "new", path, "--with-secrets", secrets, "--name", "prod",
                "--roles", ",".join(roles), "--endpoints", "10.0.0.1,fd00::1", "--nodes", "n1",
            )
            group.check(f"{kind} {roles}", None if ran.returncode == 0 else said(ran))
            paths[path] = roles
        info = [programs.talos_pki("config", "info", path).returncode for path in paths]
        group.expect(f"{kind}: config info", [0] * len(paths), info)
        for tool in programs.talos:
            expect_same_bytes(programs, group, f"{kind} by {tool}", tool, paths)
            calls = call(programs, tool, secrets, paths)
            got = [calls[path].get("roles") for path in map(str, paths)]
            group.expect(f"{kind}: calls to {tool}", list(paths.values()), got)


def odd_names(programs, group):
    """Whatever YAML makes of a name or an address, it is written as Talos would write it."""
    secrets = bundle(programs, None)
    paths = []
    for token in ODD_TOKENS:
        # Control characters are refused, and line ends of Unicode have a form that nobody needs. Hosts
        # have neither commas nor blanks.
        if not token.isprintable() and token not in "\xa0\u200b\ufeff":
            continue
        path = programs.folder() / "talosconfig"
        node = "node" if re.search(r"[,\s]", token) else token
        ran = programs.talos_pki(
            "config", "new", path, "--with-secrets", secrets, f"--context={token}", f"--nodes={node}"
        )
        group.check(f"{token!a}", None if ran.returncode == 0 else said(ran))
        paths.append(path)
    expect_same_bytes(programs, group, "odd names", "talos-1.14", paths)


def merges(programs, group):
    """A talosconfig into which a context was merged is the one that Talos would have made."""
    secrets = bundle(programs, None)
    for name, text in BASES.items():
        base = programs.file("talosconfig", text.encode())
        ours = programs.folder() / "talosconfig"
        shutil.copy(base, ours)
        ran = programs.talos_pki(
            "config", "new", ours, "--with-secrets", secrets, "--name", "prod", "--merge"
        )
        if ran.returncode != 0:
            group.fail(name, said(ran))
            continue
        added = programs.file("added", only_the_new(ours.read_text(), text).encode())
        for tool, program in programs.talos.items():
            if tool == "talos-1.13" and name in UNKNOWN_TO_1_13:
                continue
            merged = programs.output([program, "merge-talosconfigs", base, added])
            group.expect(f"{name} by {tool}", merged, ours.read_text())


def impostors(programs, group):
    """Who is refused by a server with apid's demands is refused by `config info`, for the same
    reason; who is not, is not."""
    for kind, fixture in AUTHORITIES.items():
        secrets, folder = bundle(programs, fixture), programs.folder()
        programs.output([programs.talos["talos-1.14"], "make-impostors", secrets, folder])
        paths = sorted(folder.iterdir())
        group.expect(f"{kind}: who", sorted([*IMPOSTORS, "good"]), [path.name for path in paths])
        for tool in programs.talos:
            calls = call(programs, tool, secrets, paths)
            good = calls[str(folder / "good")]
            group.expect(f"{kind}: good at {tool}", ["os:admin"], good.get("roles"))
            for name, (reason, _) in IMPOSTORS.items():
                error = calls[str(folder / name)].get("error", "it is accepted")
                group.check(f"{kind}: {name} at {tool}", None if reason in error else error)
        for path in paths:
            ran = programs.talos_pki("config", "info", path, "--format", "json")
            (context,) = json.loads(ran.stdout)["contexts"]
            refusals = "; ".join(context["refusals"]) or "it is accepted"
            reason = IMPOSTORS.get(path.name, (None, "it is accepted"))[1]
            group.check(f"{kind}: {path.name} to us", None if reason in refusals else refusals)
            wanted = (path.name == "good", int(path.name != "good"))
            group.expect(f"{kind}: {path.name}", wanted, (context["accepted"], ran.returncode))


def kubeconfigs(programs, group):
    """The real kube-apiserver knows the client of a kubeconfig as the user and the groups that were
    asked for, and lets it do what they may. Another CA's is nobody, and so is an old one."""
    for algorithm in (None, "ECDSA-P256"):
        kind = algorithm or "RSA-2048"
        folder = kubeadm.make(programs, algorithm, ["127.0.0.1"])
        secrets = bundle_of(programs, folder)
        with ApiServer(programs, folder / "pki") as server:
            def known(name, *arguments, secrets=secrets):
                return server.user(kubeconfig(programs, secrets, server.url, *arguments))

            admin = known("admin")
            groups = ["system:masters", "system:authenticated"]
            group.expect(f"{kind}: admin", (201, "admin", groups), admin)
            jane = known("jane", "--user", "jane", "--groups", "dev,test", "--ttl", "1h")
            groups = ["dev", "test", "system:authenticated"]
            group.expect(f"{kind}: jane", (201, "jane", groups), jane)
            for wanted, arguments in ((200, []), (403, ["--user", "jane", "--groups", "dev"])):
                path = kubeconfig(programs, secrets, server.url, *arguments)
                group.expect(f"{kind}: nodes for {arguments}", wanted, server.status(path, "/api/v1/nodes"))
            old = known("old", "--ttl", "1m", "--now", minutes_ago(3))
            group.expect(f"{kind}: ended", (401, None, None), old)
            stranger = bundle(programs, None)
            path = kubeconfig(programs, stranger, server.url)
            group.expect(f"{kind}: the CA of another cluster", "untrusted", server.user(path))
            trusting = with_authority_of(path, kubeconfig(programs, secrets, server.url))
            group.expect(f"{kind}: a client of another CA", (401, None, None), server.user(trusting))


def minutes_ago(count):
    """A moment."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60 * count))


def with_authority_of(path, other):
    """The kubeconfig at `path` with the trusted CA of another one."""
    pattern = re.compile(r"certificate-authority-data: (\S+)")
    (authority,) = pattern.findall(other.read_text())
    path.write_text(pattern.sub(f"certificate-authority-data: {authority}", path.read_text()))
    return path


def kubeconfig(programs, secrets, url, *arguments):
    """A kubeconfig made from a bundle."""
    path = programs.folder() / "kubeconfig"
    ran = programs.talos_pki(
        "kubeconfig", path, "--with-secrets", secrets, "--name", "prod", "--endpoint", url, *arguments
    )
    if ran.returncode != 0:
        raise RuntimeError(said(ran))
    return path


def bundle(programs, fixture):
    """A bundle with a fresh CA of Talos, or with the CA of a fixture in its place, for which it was
    not made."""
    path = programs.folder() / "secrets.yaml"
    arguments = ["--talos-version", "v1.6", "-o", path]
    if fixture:
        pki = programs.fixtures / fixture / "pki"
        key = programs.file("ca.key", (pki / "ca.key").read_bytes())
        arguments += ["--os-ca-crt", pki / "ca.crt", "--os-ca-key", key]
        arguments += ["--allow", "ca-of-another-slot"]
    ran = programs.talos_pki("gen", "secrets", *arguments)
    if ran.returncode != 0:
        raise RuntimeError(said(ran))
    return path


def bundle_of(programs, folder):
    """The bundle imported from a folder like /etc/kubernetes."""
    path = programs.folder() / "secrets.yaml"
    ran = programs.talos_pki("gen", "secrets", "-p", folder, "-o", path)
    if ran.returncode != 0:
        raise RuntimeError(said(ran))
    return path


def expect_same_bytes(programs, group, name, tool, paths):
    """Talos would have written the same bytes."""
    ran = subprocess.run(
        [programs.talos[tool], "check-talosconfigs", *paths], stdout=subprocess.PIPE, text=True
    )
    verdicts = [json.loads(line) for line in ran.stdout.splitlines()]
    problems = [verdict["problem"] for verdict in verdicts if not verdict["ok"]]
    group.expect(f"{name}: verdicts", len(paths), len(verdicts))
    group.check(name, "; ".join(problems))


def call(programs, tool, secrets, paths):
    """What became of the calls to the Talos API, by file."""
    lines = programs.output([programs.talos[tool], "call-api", secrets, *paths]).splitlines()
    return {result["file"]: result for result in map(json.loads, lines)}


def only_the_new(merged, base):
    """The talosconfig with the one context that `merged` has and `base` has not, under the name that
    it had before."""
    before = set(re.findall(r"^    (\S+):$", base, re.MULTILINE))
    contexts = re.findall(r"^    (\S+):\n((?:        .*\n)+)", merged, re.MULTILINE)
    (body,) = (body for name, body in contexts if name not in before and "old" not in name)
    return f"context: admin@prod\ncontexts:\n    admin@prod:\n{body}"
