"""Bundles taken back out of the machine configs that Talos makes of them."""

import bundle
from programs import CONTRACTS, FORMATS, TWO_CONTRACTS, NOW, at_fixture_time, said
from verdicts import check_bundles

#: Where the bundles are from, and arguments that make them.
SOURCES = {
    "rsa-2048": ["-p", "kubeadm/rsa-2048"],
    "ecdsa-p256": ["-p", "kubeadm/ecdsa-p256"],
    "ecdsa-p384": ["-p", "kubeadm/ecdsa-p384"],
    "ed25519": ["-p", "broken/ed25519-ca"],
    "p521": ["-p", "broken/p521-ca"],
    "fresh": [],
    "a token like a number": ["-t", "1e5555.1234567890123456"],
    "a token to be quoted": ["-t", "it's <&> \"é\": #1", "--allow", "token-format"],
}


def every_contract(programs, group):
    """Talos makes machine configs of a bundle of ours, for every contract; we make the bundle of
    each of them, and it is the same, byte for byte. Its JSON holds the same as its YAML."""
    for name, arguments in SOURCES.items():
        for made_for in TWO_CONTRACTS:
            original = programs.folder() / "secrets.yaml"
            ran = programs.talos_pki(
                "gen", "secrets", "--talos-version", made_for, "-o", original,
                *at_fixture_time(*in_fixtures(programs, arguments)),
            )
            if ran.returncode != 0:
                group.fail(name, said(ran))
                continue
            for tool, program in programs.talos.items():
                folder = programs.folder()
                programs.output([program, "config-contracts", original, folder])
                whole = f"{name} {made_for} by {tool}"
                for contract in CONTRACTS:
                    config = folder / contract / "controlplane.yaml"
                    expect_back(programs, group, f"{whole}, config {contract}", config, original)
            expect_both_formats(programs, group, f"{name} {made_for}", original, config, made_for)


def in_fixtures(programs, arguments):
    """The arguments, with the folder to import as a path."""
    if arguments[:1] != ["-p"]:
        return arguments
    return ["-p", programs.fixtures / arguments[1]]


def expect_back(programs, group, name, config, original):
    """The bundle that comes out of the file `config` is the `original`."""
    arguments = at_fixture_time("--from-controlplane-config", config)
    ran = programs.talos_pki("gen", "secrets", "-o", "-", *arguments)
    if ran.returncode != 0:
        group.fail(name, said(ran))
    else:
        group.expect(name, original.read_bytes(), ran.stdout)


def expect_both_formats(programs, group, name, original, config, contract):
    """The one way to the same bundle in both formats is from a machine config that has it."""
    as_json = programs.folder() / "secrets.json"
    arguments = at_fixture_time("--from-controlplane-config", config, "--format", "json")
    ran = programs.talos_pki("gen", "secrets", "-o", as_json, *arguments)
    if ran.returncode != 0:
        group.fail(f"{name} json", said(ran))
        return
    group.expect(f"{name} slots", bundle.slots(original), bundle.slots(as_json))
    asked = {"name": f"{name} both formats", "contract": contract, "now": NOW}
    asked.update(zip(FORMATS, (original, as_json)))
    check_bundles(programs, group, [asked])
