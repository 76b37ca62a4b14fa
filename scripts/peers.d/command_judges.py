"""Whether a command line is one that its program knows: the program itself is asked."""

import re
import subprocess

#: What a program says when it was called as it cannot be.
MISUSE = re.compile(
    r"unknown (?:shorthand )?(?:flag|command)|accepts? (?:at most |between )?\d|requires? (?:at least|exactly)|"
    r"flag needs an argument|invalid argument|required flag|unknown subcommand|exactly one|expects|"
    r"must (?:be )?specif|needs? (?:at least|exactly)|too many arguments|not enough arguments|"
    r"incorrect number|^usage:",
    re.IGNORECASE | re.MULTILINE,
)

#: What is said of a command that a sentence only names: its values may be left out there.
ABRIDGED = re.compile(r"flag needs an argument|a value is required|unknown command \"X\"")

#: What is said of a word that stands for something.
PLACEHOLDER = re.compile(r"invalid value '[A-Z]+' for")

#: The exit status by which the tools of etcd say it.
BAD_ARGUMENTS = 128

#: Programs that nobody here can run, each with the commands and flags that its documentation has.
DOCUMENTED = {
    "k0s": {"backup": ["--save-path"], "config create": [], "reset": [], "start": [], "stop": []},
    "k3s": {"etcd-snapshot save": ["--name"], "certificate rotate-ca": [], "server": []},
    "k8s": {"config": [], "refresh-certs": []},
    "kops": {"export kubeconfig": ["--admin", "--kubeconfig"], "rolling-update cluster": ["--force", "--yes"]},
    "microk8s": {
        "config": [], "dbctl backup": [], "refresh-certs": ["--cert"], "start": [], "stop": [],
    },
    "rke": {
        "cert rotate": ["--config"],
        "etcd snapshot-restore": ["--config", "--name"],
        "etcd snapshot-save": ["--config", "--name"],
        "up": [],
    },
    "rke2": {"etcd-snapshot save": ["--name"], "certificate rotate-ca": []},
    "velero": {
        "backup create": ["--wait"],
        "backup describe": ["--details"],
        "restore create": ["--from-backup", "--exclude-namespaces", "--exclude-resources"],
    },
}


class Judges:
    """The programs, in a folder where they find nothing to do harm to."""

    def __init__(self, programs):
        self.home = programs.folder()
        kubeconfig = self.home / "kubeconfig"
        kubeconfig.write_text(NOBODY)
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "KUBECONFIG": str(kubeconfig),
            "ETCDCTL_DIAL_TIMEOUT": "50ms",
            "ETCDCTL_COMMAND_TIMEOUT": "50ms",
        }
        self.cobra = {
            "talosctl": programs.peer("talosctl-1.14"),
            "kubeadm": programs.kubeadm,
            **{name: programs.peer(name) for name in ("kubectl", "etcdctl", "etcdutl")},
        }
        self.ours = programs.ours
        self.helps = {}

    def knows(self, name):
        """Whether there is somebody to ask about the program `name`."""
        return name in self.cobra or name in DOCUMENTED or name in ("openssl", "talos-pki")

    def problem(self, call, whole):
        """What is wrong with a call, if anything. One that is not `whole` is named in a sentence."""
        name, *arguments = call
        if name in DOCUMENTED:
            return undocumented(name, arguments)
        if name == "openssl":
            return self.openssl(arguments)
        if name == "talos-pki":
            return self.complaint(self.help(self.ours, arguments), whole)
        program = self.cobra[name]
        arguments = [ELSEWHERE.sub("127.0.0.1:1", word) for word in arguments]
        helped = self.help(program, arguments)
        problem = self.complaint(helped, whole) or other_command(name, arguments, helped.stdout)
        # kubeadm would do what it is told, to the machine at hand.
        if problem or not whole or name == "kubeadm":
            return problem
        ran = self.run([program, *arguments])
        said = ran.stderr + ran.stdout
        is_bad = ran.returncode == BAD_ARGUMENTS and "no such file" not in said
        misused = ran.returncode and (is_bad or MISUSE.search(said))
        return (said.strip() or "no").splitlines()[0] if misused else None

    def help(self, program, arguments):
        """The program, asked for help behind all of these arguments, so that it reads them first."""
        end = arguments.index("--") if "--" in arguments else len(arguments)
        read = arguments[:end]
        # A flag that lacks its value would take this one for it.
        lacks_value = bool(read) and re.match("--?[^-]", read[-1])
        read.insert(end - 1 if lacks_value else end, "--help")
        return self.run([program, *read])

    @staticmethod
    def complaint(ran, whole):
        is_abridged = not whole and ABRIDGED.search(ran.stderr)
        if ran.returncode == 0 or is_abridged or PLACEHOLDER.search(ran.stderr):
            return None
        return (ran.stderr.strip() or f"exit status {ran.returncode}").splitlines()[0]

    def openssl(self, arguments):
        """OpenSSL's own list of what the command takes has each flag."""
        ran = self.run(["openssl", arguments[0], "-help"])
        if ran.returncode:
            return f"there is no {arguments[0]}"
        known = set(re.findall(r"^ (-\S+)", ran.stderr + ran.stdout, re.MULTILINE))
        if "-*" in known:
            digests = self.run(["openssl", "list", "-1", "-digest-commands"]).stdout.split()
            known.update(f"-{digest}" for digest in digests)
        unknown = [word for word in arguments[1:] if word.startswith("-") and word not in known]
        return f"unknown flag {unknown[0]}" if unknown else None

    def run(self, command):
        return subprocess.run(
            command, env=self.environment, cwd=self.home, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", timeout=60,
        )


#: Where no server may be spoken to, and none waited for.
ELSEWHERE = re.compile(r"(?:127\.0\.0\.1|192\.0\.2\.\d+|kube\.example\.org):\d+")

#: A cluster that does not answer.
NOBODY = """\
apiVersion: v1
kind: Config
clusters: [{name: nobody, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: nobody, context: {cluster: nobody, user: nobody}}]
users: [{name: nobody, user: {}}]
current-context: nobody
"""


def other_command(name, arguments, helped):
    """Where a command has commands and the next word is none of them, it tells of itself."""
    usage = re.search(rf"^U(?:sage|SAGE):\s+{name}((?: [a-z][a-z0-9-]*)*)", helped, re.MULTILINE)
    path = usage.group(1).split() if usage else []
    words = iter(arguments)
    if not all(word in words for word in path):
        return f"it is taken for `{name} {' '.join(path)}`"
    following = next(words, "-")
    has_commands = re.search(r"^(?:COMMANDS:|(?:[A-Z]\w+ )?Commands ?[:(])", helped, re.MULTILINE)
    if has_commands and not following.startswith("-"):
        return f"`{name} {' '.join(path)}` has no command {following}"
    return None


def undocumented(name, arguments):
    for command, flags in DOCUMENTED[name].items():
        words = command.split()
        if arguments[: len(words)] == words:
            used = [word.split("=")[0] for word in arguments if word.startswith("--")]
            unknown = [flag for flag in used if flag not in flags]
            return f"no documented flag: {unknown[0]}" if unknown else None
    return "no documented command"
