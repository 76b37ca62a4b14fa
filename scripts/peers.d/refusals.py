"""What Talos's validation refuses in a machine config, we refuse, too, whatever it is about; and what it
takes is no error of its validation to us."""

import base64
import copy
import itertools
import json
import re

from programs import EACH_ALONE
from sound_documents import DOCUMENTS, MAIN

#: Versions of Talos.
VERSIONS = ["v1.13", "v1.14"]

#: What takes the place of every value in every sound document.
VALUES = ["", 5000000000, [], [""], "a_b/c.d", "10.0.0.7/24", "-1h", "-5GiB"]

#: Fields under `machine` and `cluster` that must not stand beside a document.
IN_THE_WAY = {
    "DiscoveryIdentityConfig": ["cluster.id", "cluster.secret"],
    "KubeAPIServerCAConfig": ["cluster.ca"],
    "KubeAggregatorCAConfig": ["cluster.aggregatorCA"],
    "KubeClusterConfig": ["cluster.clusterName", "cluster.controlPlane", "cluster.serviceAccount"],
    "KubeEtcdEncryptionConfig": ["cluster.secretboxEncryptionSecret"],
    "KubeServiceAccountConfig": ["cluster.serviceAccount"],
    "UnattendedInstallConfig": ["machine.install"],
}


NUMBERS = itertools.count()


class Sound:
    """Sound configs to damage."""

    def __init__(self, programs):
        path = programs.folder() / "secrets.yaml"
        # A service-account key of that version is elliptic, and read in no time.
        programs.talos_pki("gen", "secrets", "--talos-version", "v1.6", "--output-format", "json", "-o", path)
        bundle = json.loads(path.read_text())
        certs = bundle["Certs"]
        pair = {name: {"crt": certs[name]["Crt"], "key": certs[name]["Key"]}
                for name in ["OS", "K8s", "K8sAggregator", "Etcd"]}  # fmt: skip
        self.pem = {
            "$CA64": pair["OS"]["crt"],
            **{name: base64.b64decode(pair["K8s"][half]).decode()
               for name, half in [("$CA", "crt"), ("$CERT", "crt"), ("$KEY", "key")]},
        }  # fmt: skip
        self.main = {
            "version": "v1alpha1",
            "machine": {
                "type": "controlplane", "token": bundle["TrustdInfo"]["Token"], "ca": pair["OS"],
                "install": {"disk": "/dev/sda"},
            },
            "cluster": {
                "id": bundle["Cluster"]["Id"], "secret": bundle["Cluster"]["Secret"],
                "token": bundle["Secrets"]["BootstrapToken"],
                "secretboxEncryptionSecret": bundle["Secrets"]["SecretboxEncryptionSecret"],
                "ca": pair["K8s"], "aggregatorCA": pair["K8sAggregator"],
                "serviceAccount": {"key": certs["K8sServiceAccount"]["Key"]},
                "etcd": {"ca": pair["Etcd"]},
                "controlPlane": {"endpoint": "https://10.0.0.1:6443"},
            },
        }  # fmt: skip

    def full_main(self):
        """The main document with nearly every field of it."""
        main = copy.deepcopy(self.main)
        for name in ["machine", "cluster"]:
            merge(main[name], self.filled(MAIN[name]))
        return main

    def beside(self, *documents):
        """The main document as it can stand beside these, and they."""
        main = copy.deepcopy(self.main)
        for document in documents:
            for path in IN_THE_WAY.get(document.get("kind"), []):
                drop(main, path)
        return [main, *documents]

    def document(self, name):
        kind = name.split()[0]
        return {"apiVersion": "v1alpha1", "kind": kind, **self.filled(DOCUMENTS[name])}

    def filled(self, node):
        """The same with PEM in the place of its names."""
        if isinstance(node, dict):
            return {name: self.filled(value) for name, value in node.items()}
        if isinstance(node, list):
            return [self.filled(value) for value in node]
        return self.pem.get(node, node) if isinstance(node, str) else node


def every_value(programs, group, values=VALUES):
    """One damage a file: every value of every sound document becomes each of `values`, or is gone."""
    sound = Sound(programs)
    folder = programs.folder()
    cases = []
    for name in DOCUMENTS:
        document = sound.document(name)
        cases.append(write(folder, name, sound.beside(document)))
        for what, damaged in damages(document, values, ["apiVersion", "kind"]):
            cases.append(write(folder, f"{name} {what}", sound.beside(damaged)))
    main = sound.full_main()
    cases.append(write(folder, "main", [main]))
    for what, damaged in damages(main, values, ["version"]):
        cases.append(write(folder, f"main {what}", [damaged]))
    compare(programs, group, cases)


def damages(node, values, spared=()):
    """Pairs of what was done, and a copy with that."""
    for path in paths(node):
        if path[0] in spared:
            continue
        shown = ".".join(str(name) for name in path)
        damaged = copy.deepcopy(node)
        del at(damaged, path[:-1])[path[-1]]
        yield f"without {shown}", damaged
        for value in values:
            damaged = copy.deepcopy(node)
            at(damaged, path[:-1])[path[-1]] = value
            yield f"{shown} is {json.dumps(value)}", damaged


def paths(node, before=()):
    entries = node.items() if isinstance(node, dict) else enumerate(node)
    for name, value in entries:
        yield (*before, name)
        if isinstance(value, (dict, list)):
            yield from paths(value, (*before, name))


def at(node, path):
    for name in path:
        node = node[name]
    return node


def drop(node, path):
    *sections, name = path.split(".")
    at(node, sections).pop(name, None)


def merge(into, more):
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], value)
        else:
            into[name] = value


def write(folder, name, documents):
    """A file of these documents. JSON is YAML, too."""
    return written(folder, name, "---\n".join(json.dumps(document) + "\n" for document in documents))


def written(folder, name, text):
    path = folder / f"{next(NUMBERS)}.yaml"
    path.write_text(text)
    path.chmod(0o600)
    return path, name


def compare(programs, group, cases, mode="metal", versions=VERSIONS):
    refusing = rules_of_talos(programs)
    kind = {"metal": "config", "container": "config-in-container"}[mode]
    names = {str(path): name for path, name in cases}
    paths = [path for path, _ in cases]
    portions = [paths[start : start + 500] for start in range(0, len(paths), 500)]
    for version, portion in itertools.product(versions, portions):
        theirs = programs.output([programs.talos_peer(version), "validate-files", kind, *portion])
        asked = ["--mode", mode, "--format", "json", "--talos-version", version, *EACH_ALONE]
        ran = programs.talos_pki("validate", *asked, *portion)
        ours = {report["file"]: report for report in json.loads(ran.stdout)}
        for line in theirs.splitlines():
            verdict = json.loads(line)
            report = ours.get(verdict["file"])
            name = names[verdict["file"]]
            group.check(f"{version} {name}", difference(verdict, report, refusing))


def difference(verdict, report, refusing):
    # A file that we cannot read at all is in no report.
    if report is None:
        return "we cannot read it" if verdict["ok"] else None
    errors = [one for one in report["findings"] if one["severity"] == "error"]
    if verdict["ok"]:
        ours = [f"{one['rule']}: {one['message']}" for one in errors if one["rule"] in refusing]
        return f"we refuse: {'; '.join(ours)}" if ours else None
    return None if errors else f"they refuse: {'; '.join(verdict['problems'])}"


def rules_of_talos(programs):
    """The rules that say of themselves that Talos refuses the file."""
    page = programs.talos_pki("explain", "--markdown").stdout
    page = page.decode() if isinstance(page, bytes) else page
    rules = re.split(r"^#+ ", page, flags=re.MULTILINE)
    return {re.match(r"\S*?([a-z][\w-]+)", rule)[1] for rule in rules
            if "does not let it through: Talos refuses the file" in rule}  # fmt: skip


LUKS = {"provider": "luks2", "keys": [{"slot": 0, "nodeID": {}}]}

#: Documents, and what of the main document they must not, or may, stand beside.
BESIDE = [
    ("HostnameConfig", "machine.features.stableHostname", True),
    ("HostnameConfig", "machine.features.stableHostname", False),
    ("ImageCacheConfig", "machine.features.imageCache", {"localEnabled": True}),
    ("KubeAdmissionControlConfig", "cluster.apiServer.admissionControl", [{"name": "PodSecurity"}]),
    ("KubeAuthorizerConfig", "cluster.apiServer.admissionControl", [{"name": "PodSecurity"}]),
    ("KubeControllerManagerConfig", "machine.controlPlane.controllerManager", {"disabled": False}),
    ("KubeCredentialProviderConfig", "machine.kubelet", {}),
    ("KubeSchedulerConfig", "machine.controlPlane.scheduler", {"disabled": False}),
    ("KubeTalosAPIAccessConfig", "machine.features.kubernetesTalosAPIAccess", {"enabled": False}),
    ("KubeletConfig", "machine.kubelet", {}),
    ("ResolverConfig", "machine.features.hostDNS", {"enabled": True}),
    ("ResolverConfig as of 1.13", "machine.features.hostDNS", {"enabled": True}),
    ("ResolverConfig as of 1.13", "machine.network.disableSearchDomain", True),
    ("ResolverConfig as of 1.13", "machine.network.disableSearchDomain", False),
    ("VolumeConfig as of 1.13", "machine.systemDiskEncryption", {"ephemeral": LUKS}),
    ("VolumeConfig as of 1.13", "machine.systemDiskEncryption", {"state": LUKS}),
    ("VolumeConfig of the state", "machine.systemDiskEncryption", {"state": LUKS}),
    ("VolumeConfig of the state", "machine.systemDiskEncryption", {"ephemeral": LUKS}),
]


def both_ways(programs, group):
    """A setting in the main document, and a document of its own."""
    sound = Sound(programs)
    folder = programs.folder()
    cases = []
    for name, path, value in BESIDE:
        documents = sound.beside(sound.document(name))
        *sections, field = path.split(".")
        node = documents[0]
        for section in sections:
            node = node.setdefault(section, {})
        node[field] = value
        cases.append(write(folder, f"{name} beside {path} {json.dumps(value)}", documents))
    compare(programs, group, cases)


LINK = "apiVersion: v1alpha1\nkind: LinkConfig\nname: eth0\n"
WORKER = "version: v1alpha1\nmachine: {type: worker}\ncluster: {}\n"

#: Files that are no whole configuration, or of documents that are there twice.
PARTS = [
    "", "# nothing\n", "---\n---\n", "null\n", "~\n", "{}\n", "- a\n", "a\n",
    "cluster: {}\n", "cluster: null\n", "cluster:\n    id: a\n", "debug: true\n", "persist: true\n",
    "version: v1alpha1\n", "apiVersion: v1alpha1\n", "machine: null\n", "machine: null\ncluster: {}\n",
    "version: v1alpha1\nmachine: {}\n", "version: v1alpha1\nmachine: {}\ncluster: {}\n",
    WORKER, WORKER.replace("worker", "control-plane"), WORKER.replace("worker", "ControlPlane"),
    WORKER.replace("worker", "''"), WORKER.replace("worker", "unknown"), WORKER + "---\n",
    WORKER.replace("version", "apiVersion"), "kind: v1alpha1\n" + WORKER,
    WORKER + "---\n" + WORKER, "machine: {type: worker}\n---\ncluster: {}\n", WORKER + "---\n" + LINK + "---\n" + LINK,
    LINK, "---\n---\n" + LINK, LINK + "---\n" + LINK, LINK + "---\n" + LINK.replace("eth0", "eth1"),
    LINK.replace("v1alpha1", "v1alpha2"), LINK.replace("v1alpha1", "v1"), LINK.replace("apiVersion: v1alpha1\n", ""),
    LINK.replace("LinkConfig", "LinkConfg"), LINK.replace("LinkConfig", "linkconfig"),
    LINK.replace("kind: LinkConfig\n", ""), LINK.replace("kind: LinkConfig", "kind:"),
]  # fmt: skip


def without_machine(programs, group):
    """Documents by themselves, and beside a main one without `machine`; and what is no whole configuration."""
    sound = Sound(programs)
    folder = programs.folder()
    cases = []
    for name in DOCUMENTS:
        document = sound.document(name)
        cases.append(write(folder, f"{name} alone", [document]))
        cases.append(write(folder, f"{name} beside a cluster alone", [{"cluster": {}}, document]))
        for what, damaged in damages(document, [""], ["apiVersion", "kind"]):
            cases.append(write(folder, f"{name} alone {what}", [damaged]))
    cases += [written(folder, json.dumps(text), text) for text in PARTS]
    compare(programs, group, cases)


def in_container(programs, group):
    """The name servers that Talos demands of a machine in a container."""
    sound = Sound(programs)
    folder = programs.folder()
    cases = []
    settings = [None, {}, {"enabled": True}, {"enabled": True, "forwardKubeDNSToHost": True},
                {"enabled": False, "forwardKubeDNSToHost": False}]  # fmt: skip
    for legacy, own in itertools.product(settings, settings):
        main = copy.deepcopy(sound.main)
        if legacy is not None:
            main["machine"]["features"] = {"hostDNS": legacy}
        document = {"apiVersion": "v1alpha1", "kind": "ResolverConfig", "hostDNS": own}
        documents = [main] if own is None else [main, document]
        cases.append(write(folder, f"{json.dumps(legacy)} and {json.dumps(own)} in a container", documents))
    cases.append(written(folder, "a link alone in a container", LINK))
    compare(programs, group, cases, mode="container")


#: What takes the place of every value in a runtime specification, as it is written in YAML. Of `0644` and
#: `1_000` nothing is said in the place of a text: there they are let by.
WRITTEN = [
    "''", "a", "'7'", "7", "-1", "1.5", "7.0", "1e3", "1e30", "0x10", "0o17", "70000", "5000000000",
    "9223372036854775807", "18446744073709551615", "18446744073709551616", "true", "True", "'true'", "yes", "on",
    "null", "~", "2026-01-01", "[]", "['']", "[7]", "[null]", "[{}]", "{}", "{a: 7}", "{a: b}", "{a: null}",
]  # fmt: skip


def runtime_specifications(programs, group):
    """Each field of each section of a runtime specification, with a fourth of the values: the next field has
    the others, so that each kind of field meets all."""
    sound = Sound(programs)
    folder = programs.folder()
    table = programs.root / "src" / "check" / "talos_file" / "syntax" / "runtime_spec.txt"
    cases, legacy = [], []
    for line in table.read_text().splitlines():
        section, *names = line.split()
        before = [] if section == "." else section.replace("*", "any").split(".")
        for name in names:
            if name.endswith((":", "[]")):
                continue
            path = [*before, name.replace("*", "any")]
            for value in WRITTEN:
                specification = nested(path, value)
                document = "apiVersion: v1alpha1\nkind: CRIBaseRuntimeSpecConfig\noverrides: " + specification
                what = f"{'.'.join(path)} is {value}"
                cases.append(written(folder, f"CRIBaseRuntimeSpecConfig {what}", document + "\n"))
                if section in [".", "process"]:
                    main = copy.deepcopy(sound.main)
                    main["machine"]["baseRuntimeSpecOverrides"] = "HERE"
                    text = json.dumps(main).replace('"HERE"', specification)
                    legacy.append(written(folder, f"baseRuntimeSpecOverrides {what}", text + "\n"))
    compare(programs, group, cases[::4], versions=["v1.14"])
    compare(programs, group, legacy[::4])


def nested(path, value):
    """A value at a path, as YAML in one line."""
    name, *rest = path
    inner = nested(rest, value) if rest else value
    if name.endswith("[]"):
        return f"{{{name[:-2]}: [{inner}]}}"
    return f"{{{name}: {inner}}}"
