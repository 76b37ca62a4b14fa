"""Bundles with CAs and keys given by the flags for single slots."""

import bundle
from programs import FORMATS, NOW, TWO_CONTRACTS, at_fixture_time, error_rules, said
from verdicts import Bundles

#: The flags of each slot of a bundle.
FLAGS = {
    "k8s": {"crt": "--kubernetes-ca-crt", "key": "--kubernetes-ca-key"},
    "etcd": {"crt": "--etcd-ca-crt", "key": "--etcd-ca-key"},
    "k8saggregator": {"crt": "--aggregator-ca-crt", "key": "--aggregator-ca-key"},
    "k8sserviceaccount": {"key": "--service-account-key"},
    "os": {"crt": "--os-ca-crt", "key": "--os-ca-key"},
}

#: Fixtures that lack what `kubeadm/ecdsa-p256` has in a slot.
LACKING = {
    "k8s": "kubernetes-ca-key-missing",
    "etcd": "etcd-ca-missing",
    "k8saggregator": "aggregator-ca-key-missing",
    "k8sserviceaccount": "service-account-key-missing",
}


def every_slot(programs, group):
    """Each slot alone and all together, without an import, over one that has these slots, and over
    one that lacks them. The slot has the file that was given for it, the others what they had."""
    kubeadm = programs.fixtures / "kubeadm"
    cluster = kubeadm / "ecdsa-p256"
    imported = programs.slot_files(cluster / "pki")
    given = programs.slot_files(kubeadm / "ecdsa-p384" / "pki")
    given["os"] = talos_authority(programs)
    rsa = programs.slot_files(kubeadm / "rsa-2048" / "pki")

    choices = {f"only {slot}": {slot: parts} for slot, parts in given.items()}
    choices["all slots"] = given
    choices["an ECDSA CA for Talos"] = {"os": ecdsa_authority(programs)}
    choices["an RSA CA for Kubernetes"] = {"k8s": rsa["k8s"]}
    choices["an RSA service-account key"] = {"k8sserviceaccount": rsa["k8sserviceaccount"]}

    wishes = Wishes(programs, group)
    for name, choice in choices.items():
        arguments = flags(programs, choice)
        wishes.want(f"{name}, fresh", arguments, choice)
        over = ["-p", cluster, *arguments]
        over += allowed(programs, group, f"{name}, over an import", over, choice)
        wishes.want(f"{name}, over an import", over, {**imported, **choice})
    for slot, folder in LACKING.items():
        choice = {slot: imported[slot]}
        lacking = ["-p", programs.fixtures / "broken" / folder, *flags(programs, choice)]
        wishes.want(f"for {folder}", lacking, imported)
    wishes.judge()


def allowed(programs, group, name, arguments, choice):
    """A CA over an import that has another one is refused, since the leaves speak for that one; a
    person has to allow it. Without the leaves' CA being replaced, nothing has to be allowed."""
    rules = ["leaf-of-another-ca"] if choice.keys() & {"k8s", "etcd", "k8saggregator"} else []
    if "k8sserviceaccount" in choice:
        rules.append("service-account-public-key")
    ran = programs.talos_pki("gen", "secrets", "-o", "-", *at_fixture_time(*arguments))
    group.expect(f"{name}, not allowed", rules, error_rules(ran))
    return [argument for rule in rules for argument in ("--allow", rule)]


class Wishes:
    """Bundles, and what their slots have to hold."""

    def __init__(self, programs, group):
        self.group = group
        self.bundles = Bundles(programs, group)
        self.slots = {}

    def want(self, name, arguments, slots):
        self.bundles.want(name, at_fixture_time(*arguments), TWO_CONTRACTS, NOW)
        for contract in TWO_CONTRACTS:
            for form in FORMATS:
                self.slots[f"{name} {contract} {form}"] = slots

    def judge(self):
        for name, path in self.bundles.judge().items():
            got = bundle.slots(path)
            for slot, parts in self.slots[name].items():
                self.group.expect(f"{name}: {slot}", parts, got.get(slot))


def flags(programs, choice):
    """The flags that give the parts of `choice`, each in a file."""
    arguments = []
    for slot, parts in choice.items():
        for part, contents in parts.items():
            arguments += [FLAGS[slot][part], programs.file(f"{slot}.{part}", contents)]
    return arguments


def talos_authority(programs):
    """A CA such as Talos generates it for itself."""
    path = programs.folder() / "secrets.json"
    arguments = at_fixture_time("--talos-version", "v1.6", "--format", "json", "-o", path)
    ran = programs.talos_pki("gen", "secrets", *arguments)
    if ran.returncode != 0:
        raise RuntimeError(said(ran))
    return bundle.slots(path)["os"]


def ecdsa_authority(programs):
    """A CA for Talos with a key of another kind."""
    folder = programs.folder()
    arguments = ["--organization", "talos", "--algorithm", "ecdsa-p384", "--now", NOW, "-o", folder]
    ran = programs.talos_pki("gen", "ca", *arguments)
    if ran.returncode != 0:
        raise RuntimeError(said(ran))
    return {part: (folder / f"talos.{part}").read_bytes() for part in ("crt", "key")}
