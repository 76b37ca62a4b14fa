"""What the runbook asks of `kubectl`, asked of a real API server by the real kubectl."""

import re
import shutil
import subprocess

import kubeadm
from api_server import ApiServer
from client_configs import bundle_of, kubeconfig
from command_lines import Lines
from commands import CONVERSIONS, rehearsed, runbook
from programs import at_fixture_time, said
from rehearsal import Shell
from tally import Group

#: What needs nodes and their programs, or a person.
NOT_HERE = {"exec", "run", "edit", "drain", "rollout"}

#: What a server says of things that other clusters have.
OF_OTHERS = re.compile(r"\(NotFound\)|doesn't have a resource type|does not exist")

#: What has to succeed, since all that it needs is here.
DONE = [
    "create secret generic before-talos", "create secret generic after-talos", "create token default",
    "apply -f bootstrap-token.yaml", "get secret before-talos", "get secret after-talos", "get apiservices",
    "get --raw /readyz", "get --raw /.well-known/openid-configuration", "get secrets --field-selector",
    "auth whoami", "delete secret before-talos after-talos", "delete -f bootstrap-token.yaml",
]


def every_question(programs, group):
    """The calls of runbooks, in their order: each succeeds, or the server says that it has no such
    thing."""
    cluster = kubeadm.make(programs, "ECDSA-P256", ["127.0.0.1"])
    with ApiServer(programs, cluster / "pki") as server:
        asker = Asker(programs, server, cluster)
        done = set()
        for call in calls(programs, group):
            ran = asker.ask(call)
            if ran is None:
                continue
            is_done = ran.returncode == 0
            excused = OF_OTHERS.search(ran.stderr.decode(errors="replace"))
            group.check(" ".join(call), None if is_done or excused else said(ran))
            if is_done:
                done.add(plain(call))
        for words in DONE:
            is_done = any(words in call for call in done)
            group.check(f"done: {words}", None if is_done else "it is not")


def plain(call):
    """A call without what says where and as whom: the flags before the command."""
    return re.sub(r"^kubectl (?:--[a-z-]+=\S+ |-n \S+ )*", "", " ".join(call))


def calls(programs, group):
    """Every call of kubectl once, first those of a runbook that the program writes now."""
    shell = Shell(programs.folder())
    folder = programs.root / "tests" / "snapshots" / "migration_reports"
    pages = [runbook(programs, name) for name in CONVERSIONS]
    pages += [path.read_text() for path in sorted(folder.glob("runbook-*")) if "hostile" not in path.name]
    found = {}
    for page in pages:
        lines = Lines().markdown(page or "")
        lines.mentions = []
        for call, _ in rehearsed(Group(), shell, "", lines, True):
            if call[0] == "kubectl" and not NOT_HERE & set(call):
                found.setdefault(tuple(word.split("=")[0] for word in call), call)
    group.check("calls of kubectl", None if len(found) > 40 else f"only {len(found)}")
    return found.values()


class Asker:
    """A person with the credentials and the files that a runbook counts on."""

    def __init__(self, programs, server, cluster):
        self.kubectl = programs.peer("kubectl")
        self.url = server.url
        self.folder = programs.folder() / "migration"
        fixture, *arguments = CONVERSIONS["joined"]
        programs.talos_pki(
            "convert", programs.fixtures / fixture, "-o", self.folder, *arguments,
            "--endpoint", "https://kube.example.org:6443", *at_fixture_time(),
        )
        shutil.copy(cluster / "pki" / "ca.crt", self.folder)
        admin = kubeconfig(programs, bundle_of(programs, cluster), server.url)
        self.environment = {"HOME": str(self.folder), "KUBECONFIG": str(admin), "PATH": "/usr/bin:/bin"}
        shutil.copy(admin, self.folder / "admin.conf")
        self.token = ""
        # Which the controller manager makes, elsewhere.
        self.ask(["kubectl", "create", "serviceaccount", "default"])

    def ask(self, call):
        """Runs a call with the server that is here."""
        words = [re.sub(r"^--server=.*", f"--server={self.url}", word) for word in call[1:]]
        words = [re.sub(r"^--token=.*", f"--token={self.token}", word) for word in words]
        ran = subprocess.run(
            [self.kubectl, *words], env=self.environment, cwd=self.folder,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        )
        if "token" in words and ran.returncode == 0:
            self.token = ran.stdout.decode().strip()
        return ran
