"""The program that is tested, and the programs that judge it."""

import itertools
import json
import os
import pathlib
import re
import subprocess

import bundle

#: The moment by which the fixtures are judged: they were made shortly before it.
NOW = "2026-12-01T00:00:00Z"

#: The passphrase of the encrypted fixtures.
PASSPHRASE = "protects nothing"

#: The version contracts: from the oldest whose bundles are like today's to one that no version of
#: Talos's library knows yet.
CONTRACTS = [f"v1.{minor}" for minor in range(3, 16)]

#: What a contract before those has is another key for Secrets at rest.
OLD_CONTRACT = "v1.2"

#: One contract for each kind of service-account key. Of two, since every check of a bundle with
#: RSA CAs takes seconds.
TWO_CONTRACTS = ["v1.6", "v1.14"]

FORMATS = ["yaml", "json"]

#: For files of which Talos judges each alone. That they have much in common and one thing that differs
#: would be an error otherwise.
EACH_ALONE = ["--allow", "files-disagree"]


class Programs:
    """Ours and the peers, and a place for what they write."""

    def __init__(self, root, scratch):
        self.root = root
        self.fixtures = root / "fixtures"
        self.scratch = scratch
        self.numbers = itertools.count()
        self.passphrase_file = self.file("passphrase", f"{PASSPHRASE}\n".encode())
        self.ours = self.our_program()
        self.talos = {tool: self.peer(tool) for tool in ("talos-1.14", "talos-1.13")}
        self.kubeadm = self.peer("kubeadm")

    def our_program(self):
        given = os.environ.get("TALOS_PKI")
        if given:
            return pathlib.Path(given).resolve(strict=True)
        command = ["cargo", "build", "--release", "--locked", "--message-format=json"]
        for line in self.output(command, cwd=self.root).splitlines():
            message = json.loads(line)
            target = message.get("target", {})
            if target.get("name") == "talos-pki" and message.get("executable"):
                return pathlib.Path(message["executable"])
        raise RuntimeError("cargo built no program talos-pki")

    def peer(self, tool):
        paths = self.output([self.root / "scripts" / "peer-tools", tool]).splitlines()
        return pathlib.Path(paths[-1])

    def talos_peer(self, version):
        """The build with the library of a version such as v1.14."""
        return self.talos[version.replace("v", "talos-")]

    def talos_node(self, version):
        """The controllers of a node of a version such as v1.14."""
        return self.peer(version.replace("v", "talos-node-"))

    def check_versions(self, group):
        """The two builds of the judge are of two versions."""
        for tool, program in self.talos.items():
            version = self.output([program, "version"]).strip()
            wanted = tool.replace("talos-", "v") + "."
            group.check(tool, None if version.startswith(wanted) else f"it is {version}")
        version = self.output([self.kubeadm, "version", "--output", "short"]).strip()
        group.check("kubeadm", None if re.match(r"v1\.\d+\.\d+$", version) else version)
        version = self.output([self.ours, "--version"]).strip()
        group.check("talos-pki", None if version.startswith("talos-pki ") else version)

    def output(self, command, **more):
        """What a command prints. Its standard error is shown; that it fails is an exception."""
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, text=True, **more
        ).stdout

    def talos_pki(self, *arguments):
        """Runs ours, without anything of the environment. What it makes at the time of the fixtures
        begins then."""
        makes = arguments[:2] == ("gen", "secrets") or arguments[:1] == ("convert",)
        begins = ["--not-before", NOW] if makes and NOW in arguments else []
        return subprocess.run(
            [self.ours, *arguments, *begins], stdin=subprocess.DEVNULL, capture_output=True, env={}
        )

    def scan(self, folder, *arguments):
        """The report of a scan."""
        ran = self.talos_pki("scan", folder, "--format", "json", *arguments)
        try:
            (report,) = json.loads(ran.stdout)
        except ValueError:
            raise RuntimeError(f"scan {folder} printed no report: {said(ran)}") from None
        return report

    def imported_slots(self, group, name, source):
        """What is in the bundle that is made of a PKI, by slot; nothing, and a failure, if it is refused."""
        output = self.folder() / "secrets.yaml"
        ran = self.talos_pki("gen", "secrets", "-p", source, "-o", output)
        if ran.returncode != 0:
            group.fail(name, said(ran))
            return None
        return bundle.slots(output)

    def judge(self, *paths):
        """What Talos 1.14 makes of files: a judgement for each path."""
        lines = self.output([self.talos["talos-1.14"], "judge", *paths]).splitlines()
        judgements = map(json.loads, lines)
        return {pathlib.Path(judgement["file"]): judgement for judgement in judgements}

    def folder(self):
        """A new folder."""
        path = self.scratch / str(next(self.numbers))
        path.mkdir()
        return path

    def file(self, name, contents):
        """A new file, as a private key should be."""
        path = self.folder() / name
        path.write_bytes(contents)
        path.chmod(0o600)
        return path

    def slot_files(self, folder):
        """The bytes of the files in a kubeadm PKI that a bundle takes, by slot."""
        return {
            slot: {part: (folder / name).read_bytes() for part, name in files.items()}
            for slot, files in bundle.KUBEADM_FILES.items()
        }


def at_fixture_time(*arguments):
    """Arguments with the time of the fixtures."""
    return [*arguments, "--now", NOW]


def error_rules(ran):
    """The rules that refused, by what ours printed on standard error."""
    return sorted(set(re.findall(r"^error\[([a-z0-9-]+)\]", ran.stderr.decode(), re.MULTILINE)))


def said(ran):
    """The first line of what a program said, for a failure."""
    lines = ran.stderr.decode(errors="replace").splitlines() or ["it said nothing"]
    return f"exit status {ran.returncode}: {lines[0]}"
