"""The commands that we share with talosctl: their flags, the defaults of these, and the files."""

import re

from programs import said
from talosctl import Both

#: The commands, and the page of each.
PAGES = {
    "gen secrets": "gen-secrets.md",
    "gen config": "gen-config.md",
    "gen ca": "gen-certificates.md",
    "gen key": "gen-certificates.md",
    "gen csr": "gen-certificates.md",
    "gen crt": "gen-certificates.md",
    "gen keypair": "gen-certificates.md",
    "config new": "config.md",
    "config info": "config.md",
    "validate": "validate.md",
    "kubeconfig": "kubeconfig.md",
}

#: Flags that are talosctl's alone. The page of the command has to say it.
TALOSCTLS = {
    "gen config": [
        "--config-patch", "--config-patch-control-plane", "--config-patch-worker", "--registry-mirror",
        "--version",
    ],
    "config info": ["--output"],
    "kubeconfig": ["--merge", "--force-context-name"],
}

#: Of talosctl's commands that speak with a node, as ours do not.
OF_A_NODE = {"--cluster", "--context", "--endpoints", "--nodes", "--siderov1-keys-dir", "--talosconfig"}

#: Defaults that are others with us, for a reason that the page tells.
OTHER_DEFAULTS = {("gen config", "--with-docs"), ("gen config", "--with-examples")}

FLAG = re.compile(r"^ +(?:(-\w), )?(--[a-z0-9-]+)")
DEFAULTS = re.compile(r"\(default \"?([^)\"]*)\"?\)|\[default: ([^\]]*)\]", re.DOTALL)

#: Commands that make files, one after the other in one folder.
MAKING = [
    ["gen", "ca", "--organization", "talos"],
    ["gen", "ca", "--organization", "a.b c", "--hours", "1"],
    ["gen", "key", "--name", "admin"],
    ["gen", "key", "--name", "admin.key"],
    ["gen", "csr", "--key", "admin.key", "--ip", "127.0.0.1"],
    ["gen", "csr", "--key", "./admin.key.key", "--ip", "::1", "--roles", "os:reader,os:etcd:backup"],
    ["gen", "crt", "--ca", "talos", "--csr", "admin.csr", "--name", "admin"],
    ["gen", "crt", "--ca", "./talos", "--csr", "admin.key.csr", "--name", "b", "--hours", "48"],
    ["gen", "keypair", "--organization", "pair", "--ip", "10.0.0.1"],
    ["gen", "secrets"],
    ["gen", "secrets", "-o", "old.json", "--talos-version", "1.2"],
]

#: Commands that both refuse behind those, and write nothing.
REFUSED = [
    ["gen", "ca", "--organization", "talos"],
    ["gen", "ca"],
    ["gen", "key", "--name", "no/folder"],
    ["gen", "csr", "--key", "talos.crt", "--ip", "127.0.0.1"],
    ["gen", "csr", "--key", "admin.key", "--ip", "127.0.0.1", "--roles", "root", "-f"],
    ["gen", "csr", "--key", "admin.key", "--ip", "here", "--force"],
    ["gen", "crt", "--ca", "none", "--csr", "admin.csr", "--name", "c"],
    ["gen", "crt", "--ca", "talos", "--csr", "admin.key", "--name", "c"],
    ["gen", "keypair", "--ip", "10.0.0.1"],
    ["gen", "secrets"],
    ["gen", "secrets", "-o", "no/folder.yaml"],
    ["gen", "secrets", "-p", "none", "--force"],
    ["gen", "secrets", "--talos-version", "v1", "--force"],
]


def every_flag(programs, group):
    """Each flag of talosctl is one of ours, short and long, with the same default; or the page says
    that it is not here."""
    both = Both(programs)
    for command, page in PAGES.items():
        words = command.split()
        theirs = flags(both.talosctl(*words, "--help").stdout.decode())
        ours = flags(programs.talos_pki(*words, "-h").stdout.decode())
        text = (programs.root / "docs" / "commands" / page).read_text()
        lacking = TALOSCTLS.get(command, [])
        group.expect(f"{command}: flags that are talosctl's alone", set(), set(lacking) - theirs.keys())
        for flag, (short, default) in theirs.items():
            name = f"{command} {flag}"
            if flag in lacking:
                group.check(name, None if f"`{flag}`" in text else f"{page} does not say it")
                continue
            if flag in OF_A_NODE and flag not in ours:
                continue
            group.check(name, None if flag in ours else "it is not here")
            if flag in ours and flag not in OF_A_NODE:
                our_short, our_default = ours[flag]
                if short and flag != "--force":
                    group.expect(f"{name}, in short", short, our_short)
                if default and our_default and (command, flag) not in OTHER_DEFAULTS:
                    group.check(f"{name}, default", differs(default, our_default))


def flags(helped):
    """The flags that a help tells, with the short form and the default of each."""
    found, flag = {}, None
    for line in helped.splitlines():
        if (start := FLAG.match(line)) and start.group(2) not in found:
            flag = start.group(2)
            found[flag] = [start.group(1), line]
        elif flag and line.startswith("     "):
            found[flag][1] += " " + line.strip()
        else:
            flag = None
    for told in found.values():
        default = DEFAULTS.search(told[1])
        told[1] = (default.group(1) or default.group(2)) if default else None
    return found


def differs(theirs, ours):
    """What is different about two defaults, however they are written."""
    plain = theirs.strip("[]").replace("8760h0m0s", "8760h")
    return None if plain in ours else f"talosctl has {theirs}, ours {ours}"


def every_file(programs, group):
    """Commands that make keys and certificates make files of the same names, modes and forms."""
    both = Both(programs)
    folders = {program: programs.folder() for program in (both.theirs, programs.ours)}
    for command in MAKING:
        ran = [both.run(program, command, folder) for program, folder in folders.items()]
        made = [forms(folder) for folder in folders.values()]
        group.expect(" ".join(command), (0, 0), tuple(each.returncode for each in ran))
        group.expect(f"{' '.join(command)}, files", *made)
    before = [forms(folder) for folder in folders.values()]
    for command in REFUSED:
        ran = [both.run(program, command, folder) for program, folder in folders.items()]
        refused = all(each.returncode for each in ran)
        group.check(f"{' '.join(command)} is refused", None if refused else "one of them does it")
    group.expect("what is there", before, [forms(folder) for folder in folders.values()])


#: The way from a CA to a certificate.
CHAIN = [
    ["gen", "ca", "--organization", "talos"],
    ["gen", "key", "--name", "admin"],
    ["gen", "csr", "--key", "admin.key", "--ip", "127.0.0.1", "--roles", "os:reader"],
    ["gen", "crt", "--ca", "talos", "--csr", "admin.csr", "--name", "admin"],
]


def every_turn(programs, group):
    """Each takes what the other made, whoever makes what on the way to a certificate."""
    both = Both(programs)
    for turn in range(2 ** len(CHAIN)):
        folder = programs.folder()
        makers = [(both.theirs, programs.ours)[turn >> step & 1] for step in range(len(CHAIN))]
        name = ", ".join(maker.name for maker in makers)
        for maker, command in zip(makers, CHAIN):
            ran = both.run(maker, command, folder)
            group.check(f"{name}: {command[1]}", None if ran.returncode == 0 else said(ran))
        verify = ["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "talos.crt", "admin.crt"]
        ran = both.run("openssl", verify, folder)
        group.check(f"{name}: openssl", None if ran.returncode == 0 else said(ran))


def forms(folder):
    """The files in a folder, with what they have whatever the keys are: the mode, the marks of PEM,
    the number of lines, and the names of fields."""
    found = {}
    for path in sorted(folder.iterdir()):
        text = path.read_text()
        marks = re.findall(r"-----[A-Z ]+[A-Z0-9 ]*-----|^ *[a-z0-9]+:|^sha256:[0-9a-f]{64}$", text, re.MULTILINE)
        if path.suffix == ".sha256":
            marks = [len(text)]
        found[path.name] = oct(path.stat().st_mode & 0o777), tuple(marks), text.count("\n"), text[-1] == "\n"
    return found
