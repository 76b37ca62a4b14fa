"""Imports of every fixture from which a bundle can be made."""

import bundle
from programs import (
    CONTRACTS,
    FORMATS,
    NOW,
    OLD_CONTRACT,
    TWO_CONTRACTS,
    at_fixture_time,
    error_rules,
    said,
)
from verdicts import Bundles

#: As kubeadm wrote them.
KUBEADM = ["rsa-2048", "rsa-4096", "ecdsa-p256", "ecdsa-p384"]

#: `kubeadm/ecdsa-p256` in archives.
ARCHIVES = [
    "ecdsa-p256.tar",
    "ecdsa-p256.tar.gz",
    "ecdsa-p256.tar.zst",
    "backup-root.tar.gz",
    "links-inside.tar",
]

#: These import once the passphrase is given.
ENCRYPTED = ["encrypted-pkcs8-key", "encrypted-pkcs8-scrypt-key", "encrypted-traditional-key"]


def bundles_are_sound(programs, group):
    """Every import makes a bundle that Talos takes and works with, for every contract."""
    bundles = Bundles(programs, group)
    sound = [programs.fixtures / "kubeadm" / name for name in KUBEADM]
    sound += [programs.fixtures / "archives" / name for name in ARCHIVES]
    for path in sound + importable(programs, group):
        arguments = import_of(programs, path)
        name = str(path.relative_to(programs.fixtures))
        bundles.want(name, arguments, contracts_for(programs, path), NOW)
    one = programs.fixtures / "kubeadm" / "ecdsa-p256"
    bundles.want("kubeadm/ecdsa-p256", import_of(programs, one), [OLD_CONTRACT], NOW)
    bundles.judge()


def importable(programs, group):
    """The folders of fixtures/broken from which a bundle is made. A scan has to say the same."""
    found = []
    for path in sorted((programs.fixtures / "broken").iterdir()):
        ran = programs.talos_pki("gen", "secrets", "-o", "-", *import_of(programs, path))
        if ran.returncode not in (0, 1) or (ran.returncode == 1) != bool(error_rules(ran)):
            group.fail(path.name, said(ran))
        report = programs.scan(path, *judgement(programs, path))
        group.expect(f"{path.name} is sound", report["sound"], ran.returncode == 0)
        if ran.returncode == 0:
            found.append(path)
    missing = set(ENCRYPTED) - {path.name for path in found}
    group.check("encrypted keys open", ", ".join(sorted(missing)))
    return found


def import_of(programs, path):
    """The arguments that import a fixture."""
    return ["-p", path, *judgement(programs, path)]


def judgement(programs, path):
    """How a fixture is judged."""
    passphrase = ["--passphrase-file", programs.passphrase_file] if path.name in ENCRYPTED else []
    return at_fixture_time(*passphrase)


def contracts_for(programs, path):
    """All contracts, but two if the judge takes seconds for each."""
    authorities = programs.scan(path, *judgement(programs, path))["authorities"]
    algorithms = [authority["certificate"]["algorithm"] for authority in authorities]
    slow = any(algorithm.startswith("RSA") for algorithm in algorithms)
    return TWO_CONTRACTS if slow else CONTRACTS


def bytes_are_kept(programs, group):
    """What kubeadm wrote is in the bundle byte for byte."""
    sources = {programs.fixtures / "kubeadm" / name: name for name in KUBEADM}
    sources.update({programs.fixtures / "archives" / name: "ecdsa-p256" for name in ARCHIVES})
    for path, original in sources.items():
        pki = programs.fixtures / "kubeadm" / original / "pki"
        expect_bytes_of(programs, group, path, pki, at_fixture_time())


def expect_bytes_of(programs, group, path, pki, arguments):
    """A bundle imported from `path` holds the files in the folder `pki`."""
    wanted = programs.slot_files(pki)
    for form in FORMATS:
        output = programs.folder() / f"secrets.{form}"
        ran = programs.talos_pki(
            "gen", "secrets", "-p", path, "--format", form, "-o", output, *arguments
        )
        name = f"{path.name} {form}"
        if ran.returncode != 0:
            group.fail(name, said(ran))
            continue
        got = bundle.slots(output)
        for slot, parts in wanted.items():
            for part, contents in parts.items():
                group.expect(f"{name} {slot}.{part}", contents, got[slot].get(part))
