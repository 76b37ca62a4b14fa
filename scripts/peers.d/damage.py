"""Everything that Talos refuses about trust in a bundle or machine config, we refuse, too."""

import json
import pathlib
import re

from programs import EACH_ALONE, said

#: Version contracts: the newest with the fields, and the newest with documents.
CONTRACTS = ["v1.13", "v1.14"]

#: Sections and documents with trust in them; everything below them is damaged as well.
BUNDLE = ["cluster", "secrets", "trustdinfo", "certs"]
CONFIG = [
    "machine.type", "machine.token", "machine.ca", "machine.acceptedCAs",
    "cluster.id", "cluster.secret", "cluster.token", "cluster.clusterName", "cluster.controlPlane",
    "cluster.secretboxEncryptionSecret", "cluster.ca", "cluster.acceptedCAs",
    "cluster.aggregatorCA", "cluster.serviceAccount", "cluster.etcd.ca",
    "KubeClusterConfig", "DiscoveryIdentityConfig", "KubeAPIServerCAConfig",
    "KubeAggregatorCAConfig", "KubeEtcdEncryptionConfig", "KubeServiceAccountConfig",
]  # fmt: skip

#: What takes the place of a value.
VALUES = {
    "empty": '""',
    "null": "",
    "a list": "[x]",
    "a section": "{x: y}",
    "an empty section": "{}",
    "garbage": "garbage",
    "redacted": '"******"',
    "base64 of no PEM": "bm90aGluZwo=",
}


def every_field(programs, group):
    """One damage a file, in every field and section with trust in it."""
    bundle = programs.folder() / "secrets.yaml"
    programs.talos_pki("gen", "secrets", "-o", bundle)
    generated = programs.folder()
    programs.output([programs.talos["talos-1.14"], "config-contracts", bundle, generated])
    folder = programs.folder()
    damaged = [(write(folder, "bundle", *one), "bundle") for one in damages(bundle, BUNDLE)]
    for contract in CONTRACTS:
        for machine in ["controlplane", "worker"]:
            config = generated / contract / f"{machine}.yaml"
            expect_sound(programs, group, config, contract)
            name = f"{contract} {machine}"
            for one in [*damages(config, CONFIG), *foreign_documents(config)]:
                damaged.append((write(folder, name, *one), "config"))
    compare(programs, group, damaged)


def expect_sound(programs, group, config, contract):
    """What Talos makes is sound to us."""
    ran = programs.talos_pki("validate", "--talos-version", contract, config)
    group.check(f"{contract} {config.name}", None if ran.returncode == 0 else said(ran))


def write(folder, of, damage, text):
    path = folder / (re.sub(r"[^\w.\[\]-]+", "_", f"{of} {damage}") + ".yaml")
    path.write_text(text)
    path.chmod(0o600)
    return path


def compare(programs, group, damaged):
    """Each version of Talos's library is asked, and ours for that version."""
    for tool, program in programs.talos.items():
        version = tool.replace("talos-", "v")
        for kind in ["bundle", "config"]:
            paths = [path for path, of in damaged if of == kind]
            command = [program, "validate-files", kind, *paths]
            verdicts = [json.loads(line) for line in programs.output(command).splitlines()]
            ours = our_verdicts(programs, version, paths)
            for verdict in verdicts:
                path = pathlib.Path(verdict["file"])
                # A file that we cannot read at all is in no report.
                sound = ours.get(str(path), False)
                problem = "; ".join(verdict["problems"]) if sound and not verdict["ok"] else None
                group.check(f"{version} {path.stem}", problem)


def our_verdicts(programs, version, paths):
    arguments = ["--format", "json", "--talos-version", version, *EACH_ALONE]
    ran = programs.talos_pki("validate", *arguments, *paths)
    return {report["file"]: report["sound"] for report in json.loads(ran.stdout)}


def damages(path, wanted):
    """Pairs of a name and a damaged text."""
    lines = path.read_text().splitlines(keepends=True)
    for place, start, end in blocks(lines):
        if not any(place == name or place.startswith(f"{name}.") for name in wanted):
            continue
        before, block, after = lines[:start], lines[start:end], lines[end:]
        if "." not in place and place[0].isupper():
            yield f"without {place}", "".join([*before, *after])
            yield f"{place} twice", "".join([*before, *block, "---\n", *block, *after])
            yield f"{place} of no kind", "".join([*before, *block[1:], *after])
            yield f"{place} misspelt", "".join([*before, *block, *after]).replace(place, f"{place}s")
            continue
        head = re.match(r"([ -]*)([\w]+):", block[0])
        start_of_line, name = head.groups()
        join = "".join
        if "-" not in start_of_line:
            yield f"without {place}", join([*before, *after])
            yield f"{place} twice", join([*before, *block, *block, *after])
        misspelt = block[0].replace(f"{name}:", f"{name}s:", 1)
        yield f"{place} misspelt", join([*before, misspelt, *block[1:], *after])
        for what, value in VALUES.items():
            line = f"{start_of_line}{name}: {value}".rstrip() + "\n"
            yield f"{place} is {what}", join([*before, line, *after])
        if place.endswith((".cert", ".key", ".privateKey")) and "|" in block[0]:
            shorter = [*block[:2], *block[3:]]
            yield f"{place} cut short", join([*before, *shorter, *after])
            certificate = [line.replace("CERTIFICATE", "TRUSTED CERTIFICATE") for line in block]
            yield f"{place} trusted", join([*before, *certificate, *after])


def foreign_documents(config):
    """What belongs to another kind of machine, or is there in both forms."""
    text = config.read_text()
    other = {"controlplane": "worker", "worker": "controlplane"}[config.stem]
    yield f"type {other}", text.replace(f"type: {config.stem}", f"type: {other}")
    yield "type unknown", text.replace(f"type: {config.stem}", "type: bastion")
    documents = (config.parent / f"{other}.yaml").read_text().split("\n---\n")[1:]
    own = re.findall(r"^kind: (\w+)$", text, re.MULTILINE)
    for document in documents:
        kind = re.search(r"^kind: (\w+)$", document, re.MULTILINE)[1]
        if kind not in own:
            yield f"foreign {kind}", f"{text}---\n{document}"
    other_form = CONTRACTS[CONTRACTS.index(config.parent.name) - 1]
    documents = (config.parent.parent / other_form / config.name).read_text().split("\n---\n")[1:]
    for document in documents:
        kind = re.search(r"^kind: (\w+)$", document, re.MULTILINE)[1]
        if kind in CONFIG and kind not in own:
            yield f"both forms of {kind}", f"{text}---\n{document}"


def blocks(lines):
    """The path of every field, and its lines from the first to the one after the last. The texts
    are those that Talos writes: a field a line, or a text in a block below it."""
    kind, first = None, 0
    for number, line in [*enumerate(lines), (len(lines), "---\n")]:
        if line == "---\n":
            if kind:
                yield kind, first, number
            kind, first = None, number + 1
        elif line.startswith("kind: "):
            kind = line.split()[1]
    open_fields, kind = [], None
    for number, line in enumerate(lines):
        if line == "---\n":
            kind = re.match(r"kind: (\w+)", lines[number + 2])
            open_fields = []
            continue
        field = re.match(r"([ -]*)(\w+):", line)
        if not field:
            continue
        indent = len(field[1])
        open_fields = [one for one in open_fields if one[0] < indent]
        if any(is_text for _, _, is_text in open_fields):
            continue
        open_fields.append((indent, field[2], line.rstrip().endswith(("|", "|-"))))
        end = number + 1
        while end < len(lines) and re.match(rf" {{{indent + 1}}}| {{{indent}}}- ", lines[end]):
            end += 1
        names = [name for _, name, _ in open_fields]
        yield ".".join([kind[1], *names] if kind else names), number, end
