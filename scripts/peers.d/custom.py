"""Bundles with CAs and keys given by the flags for single slots."""

import bundle
from programs import FORMATS, NOW, TWO_CONTRACTS, at_fixture_time, said
from verdicts import Bundles

#: The flags of each slot of a bundle.
FLAGS = {
    "k8s": {"crt": "--kubernetes-ca-crt", "key": "--kubernetes-ca-key"},
    "etcd": {"crt": "--etcd-ca-crt", "key": "--etcd-ca-key"},
    "k8saggregator": {"crt": "--aggregator-ca-crt", "key": "--aggregator-ca-key"},
    "k8sserviceaccount": {"key": "--service-account-key"},
    "os": {"crt": "--os-ca-crt", "key": "--os-ca-key"},
}


def every_slot(programs, group):
    """Each slot alone and all together, over an import and without one: the slot has the file that
    was given for it, and the others have what they had."""
    kubeadm = programs.fixtures / "kubeadm"
    imported = programs.slot_files(kubeadm / "ecdsa-p256" / "pki")
    given = programs.slot_files(kubeadm / "ecdsa-p384" / "pki")
    given["os"] = talos_authority(programs)
    rsa = programs.slot_files(kubeadm / "rsa-2048" / "pki")

    choices = {f"only {slot}": {slot: parts} for slot, parts in given.items()}
    choices["all slots"] = given
    choices["an ECDSA CA for Talos"] = {"os": given["k8s"]}
    choices["an RSA CA for Kubernetes"] = {"k8s": rsa["k8s"]}
    choices["an RSA service-account key"] = {"k8sserviceaccount": rsa["k8sserviceaccount"]}

    bundles = Bundles(programs, group)
    wanted = {}
    for name, choice in choices.items():
        arguments = at_fixture_time(*flags(programs, choice))
        bundles.want(f"{name}, fresh", arguments, TWO_CONTRACTS, NOW)
        wanted[f"{name}, fresh"] = choice
        over = ["-p", kubeadm / "ecdsa-p256", *arguments]
        bundles.want(f"{name}, over an import", over, TWO_CONTRACTS, NOW)
        wanted[f"{name}, over an import"] = {**imported, **choice}
    made = bundles.judge()

    for name, slots in wanted.items():
        for contract in TWO_CONTRACTS:
            for form in FORMATS:
                full = f"{name} {contract} {form}"
                if full in made:
                    expect_slots(group, full, slots, bundle.slots(made[full]))


def expect_slots(group, name, wanted, got):
    for slot, parts in wanted.items():
        group.expect(f"{name}: {slot}", parts, got.get(slot))


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
