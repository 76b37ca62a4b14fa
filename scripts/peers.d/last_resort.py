"""The commands of a runbook for etcd, run for real: a member is saved, lost, and brought back."""

import subprocess
import time

from api_server import free_port
from command_lines import Lines
from commands import rehearsed, runbook
from rehearsal import Shell
from tally import Group

#: Seconds until a member has to answer.
PATIENCE = 60

#: By how much the runbook lets the revision of a member rise that was brought back.
BUMP = 1_000_000_000


def saved_and_restored(programs, group):
    """`etcdctl snapshot save` and `member list`, then `etcdutl snapshot restore`, each as the runbook
    has it but for folders and ports, with a member that has kubeadm's PKI and name."""
    runbook_text = runbook(programs, "joined")
    if runbook_text is None:
        group.fail("convert", "it made no runbook")
        return
    lines = Lines().markdown(runbook_text)
    called = rehearsed(Group(), Shell(programs.folder()), "runbook", lines, True)
    calls = list(dict.fromkeys(call for call, whole in called if whole))
    member = Member(programs)
    try:
        member.start()
        member.ctl("put", "/registry/before", "kept")
        before = member.revision()
        for wanted in (["member", "list"], ["snapshot", "save"]):
            (call,) = {call for call in calls if call[0] == "etcdctl" and has(call, wanted)}
            ran = member.tool(*call)
            group.check(" ".join(wanted), None if ran.returncode == 0 else ran.stderr)
        member.ctl("put", "/registry/after", "lost")
        member.stop()
        (call,) = {call for call in calls if call[0] == "etcdutl"}
        ran = member.tool(*call)
        group.check("snapshot restore", None if ran.returncode == 0 else ran.stderr)
        member.replace()
        member.start()
        group.expect("what was saved", "kept", member.ctl("get", "/registry/before"))
        group.expect("what came after", "", member.ctl("get", "/registry/after"))
        is_ahead = member.revision() >= before + BUMP
        group.check("the revision", None if is_ahead else "watchers would not notice")
    finally:
        member.stop()


def has(call, words):
    """Whether these words stand side by side in a call."""
    return any(list(call[start:start + len(words)]) == words for start in range(len(call)))


class Member:
    """etcd as the fixture's manifest runs it: named, with kubeadm's PKI, one member alone."""

    def __init__(self, programs):
        self.programs = programs
        self.folder = programs.folder()
        pki = programs.fixtures / "kubeadm" / "rsa-2048" / "pki"
        self.client, peer = (f"127.0.0.1:{free_port()}" for _ in range(2))
        self.peer_url = f"https://{peer}"
        #: What stands in the runbook for what is here.
        self.places = {
            "127.0.0.1:2379": self.client,
            "https://192.0.2.10:2380": self.peer_url,
            "/etc/kubernetes/pki": str(pki),
            "/var/lib/etcd": str(self.folder),
            "/root": str(self.folder),
        }
        self.pki = pki / "etcd"
        self.process = None

    def start(self):
        trust = [f"--{prefix}trusted-ca-file={self.pki / 'ca.crt'}" for prefix in ("", "peer-")]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    self.programs.peer("etcd"), "--name=cp-1", f"--data-dir={self.folder / 'data'}",
                    f"--listen-client-urls=https://{self.client}",
                    f"--advertise-client-urls=https://{self.client}",
                    f"--listen-peer-urls={self.peer_url}",
                    f"--initial-advertise-peer-urls={self.peer_url}",
                    f"--initial-cluster=cp-1={self.peer_url}",
                    f"--cert-file={self.pki / 'server.crt'}", f"--key-file={self.pki / 'server.key'}",
                    f"--peer-cert-file={self.pki / 'peer.crt'}", f"--peer-key-file={self.pki / 'peer.key'}",
                    "--client-cert-auth=true", "--peer-client-cert-auth=true", *trust,
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        end = time.monotonic() + PATIENCE
        while self.spoken_to("endpoint", "health").returncode:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.folder / "log").read_bytes()[-300:])
            time.sleep(0.2)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def replace(self):
        """Puts what was restored in the place of what is there, as the runbook does."""
        member = self.folder / "data" / "member"
        member.rename(self.folder / "member.before")
        (self.folder / "restored" / "member").rename(member)

    def tool(self, name, *arguments):
        """A tool of etcd, with what is here in place of what the runbook says."""
        for place, here in self.places.items():
            arguments = [word.replace(place, here) for word in arguments]
        return subprocess.run(
            [self.programs.peer(name), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, env={}, timeout=PATIENCE,
        )

    def spoken_to(self, *arguments):
        pki = "/etc/kubernetes/pki/etcd"
        return self.tool(
            "etcdctl", "--endpoints=https://127.0.0.1:2379", f"--cacert={pki}/ca.crt",
            f"--cert={pki}/server.crt", f"--key={pki}/server.key", *arguments,
        )

    def ctl(self, *arguments):
        only_values = ["--print-value-only"] if arguments[0] == "get" else []
        ran = self.spoken_to(*arguments, *only_values)
        if ran.returncode:
            raise RuntimeError(ran.stderr)
        return ran.stdout.strip()

    def revision(self):
        """The revision of the whole."""
        answer = self.ctl("endpoint", "status", "--write-out=fields")
        (revision,) = (line.split(":")[1] for line in answer.splitlines() if line.startswith('"Revision"'))
        return int(revision)
