"""What a shell would run of a block of commands: the shell runs it, and every program is a stand-in
that notes what it was called with."""

import functools
import os
import re
import subprocess

#: What people are told to run, beside what a shell has itself.
PROGRAMS = [
    "aws", "base64", "cat", "cp", "crictl", "docker", "etcdctl", "etcdutl", "grep", "head", "juju", "k0s",
    "k0sctl", "k3s", "k3s-agent-uninstall.sh", "k3s-killall.sh", "k3s-uninstall.sh", "k8s", "kops",
    "kubeadm", "kubectl", "ls", "man", "microk8s", "mkdir", "mv", "nslookup", "openssl", "reboot", "rke",
    "rke2", "rke2-killall.sh", "rke2-uninstall.sh", "rm", "scp", "sed", "shutdown", "sleep", "snap", "ssh",
    "sudo", "systemctl", "talos-pki", "talosctl", "tar", "velero", "wc", "xargs", "cargo", "git",
    "terraform", "minikube", "X",
]

#: The stand-in. It notes how many arguments it has, its name and them, each ended by a NUL. What runs
#: something else runs it, so that this is noted, too. It succeeds or fails as the environment
#: says, and does otherwise when it is called with the same again: so every loop ends.
STAND_IN = r"""#!/bin/sh
name=${0##*/}
printf '%s\0' "$#" "$name" "$@" >> "$REHEARSAL_CALLS"
inner() {
    while [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done
    [ $# -eq 0 ] || { shift; "$@"; }
}
case $name in
    ssh) shift; [ $# -eq 0 ] || sh -c "$*" ;;
    sudo) "$@" ;;
    docker) case $1 in exec) shift 2; "$@" ;; esac ;;
    kubectl) case " $* " in *" exec "* | *" run "*) inner "$@" ;; esac ;;
    xargs) while case $1 in -*) true ;; *) false ;; esac; do shift; done; "$@" each/NAME ;;
esac > /dev/null
echo something/NAME
seen=$REHEARSAL_SEEN/$(printf '%s ' "$name" "$@" | /usr/bin/cksum | /usr/bin/tr ' ' -)
if /bin/mkdir "$seen" 2>/dev/null; then exit "$REHEARSAL_STATUS"; fi
exit $((1 - REHEARSAL_STATUS))
"""

#: Before each block: a shell that it ends is the one of ssh, and what a runbook calls an old and a new
#: API server is there.
PREAMBLE = """\
exit() { :; }
old() { kubectl "$@"; }
new() { kubectl "$@"; }
bearer() { kubectl "$@"; }
"""

#: Addresses where nobody listens, whatever was said before.
ADDRESSES = "OLD=127.0.0.1 NEW=127.0.0.1 WORKER=127.0.0.1 NODE=cp-1"


#: What makes a shell do otherwise where something fails.
BRANCHES = re.compile(r"\|\||\b(?:if|while|until)\b|\n")


class Shell:
    """A shell with stand-ins alone."""

    def __init__(self, folder):
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        stand_in = folder / "stand-in"
        stand_in.write_text(STAND_IN)
        stand_in.chmod(0o755)
        for name in PROGRAMS:
            os.link(stand_in, self.bin / name)
        os.symlink("/bin/sh", self.bin / "sh")
        self.number = 0

    @functools.cache
    def calls(self, block, before=""):
        """The calls that a block makes, where all goes well and where all fails, and what is wrong
        with it for a shell. `before` is what was typed before: functions and variables."""
        calls, problem = {}, None
        for status in ("0", "1") if BRANCHES.search(block) else ("0",):
            ran, complaint = self.run(f"{PREAMBLE}{before}\n{ADDRESSES}\n{block}", status)
            calls.update(dict.fromkeys(ran))
            problem = problem or complaint
        return list(calls), problem

    def run(self, script, status):
        self.number += 1
        folder = self.folder / str(self.number)
        for name in ("seen", "home"):
            (folder / name).mkdir(parents=True)
        calls = folder / "calls"
        calls.touch()
        environment = {
            "PATH": str(self.bin),
            "HOME": str(folder / "home"),
            "REHEARSAL_CALLS": str(calls),
            "REHEARSAL_SEEN": str(folder / "seen"),
            "REHEARSAL_STATUS": status,
        }
        ran = subprocess.run(
            ["/bin/bash", "--norc", "--noprofile", "-c", script], env=environment,
            cwd=folder / "home", stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
        )
        complaints = [
            line for line in ran.stderr.decode(errors="replace").splitlines()
            if "command not found" in line or "syntax error" in line or "not found" in line
        ]
        return list(noted(calls.read_text())), complaints[0] if complaints else None


def noted(text):
    """The calls in what the stand-ins wrote."""
    words = iter(text.split("\0")[:-1])
    for count in words:
        yield tuple(next(words) for _ in range(int(count) + 1))
