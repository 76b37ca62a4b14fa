"""File by file: what Talos reads as a certificate or key, and what we import of it.

Everything that Talos reads has to be in our bundle, and be the same to Talos there, unless an error
of ours tells why not. Those exceptions are listed here: one that does not occur is a failure.
"""

import re

import bundle
from programs import at_fixture_time, error_rules, said

#: Certificates in CA files that Talos reads and we refuse: file and rules.
REFUSED_CERTIFICATES = {
    # No CA, to everybody who verifies what it signed.
    "broken/leaf-as-ca/pki/ca.crt": ["not-a-ca"],
    "broken/no-basic-constraints/pki/ca.crt": ["no-basic-constraints"],
    "broken/no-key-cert-sign/pki/ca.crt": ["no-key-cert-sign"],
    "broken/ca-usage-email-only/pki/ca.crt": ["ca-extended-key-usage"],
    "broken/unhandled-critical-extension/pki/ca.crt": ["critical-extension"],
    # Talos reads it, and what it issues is refused for its names.
    "broken/name-constraints/pki/ca.crt": ["name-constraints"],
    "broken/ca-expired/pki/ca.crt": ["ca-expired"],
    "broken/etcd-ca-expired/pki/etcd/ca.crt": ["ca-expired"],
    "broken/key-fits-old-ca/pki/old/ca.crt": ["ca-expired"],
    "broken/ca-not-yet-valid/pki/ca.crt": ["ca-not-yet-valid"],
    # Not signed by itself.
    "broken/self-signature-broken/pki/ca.crt": ["self-signature"],
    "broken/subordinate-rsa/pki/ca.crt": ["subordinate-ca"],
    "broken/subordinate-with-chain/pki/ca.crt": ["subordinate-ca"],
    "broken/subordinate-ec-under-rsa/pki/ca.crt": ["ca-signature-family", "subordinate-ca"],
    # Talos reads the certificate and then cannot issue with it, or OpenSSL does not take it.
    "broken/md5-signed-ca/pki/ca.crt": ["ca-signature-algorithm"],
    "broken/sha1-signed-ca/pki/ca.crt": ["ca-signature-algorithm"],
    "broken/rsa-pss-signed-ca/pki/ca.crt": ["ca-signature-algorithm"],
    "broken/rsa-1024-ca/pki/ca.crt": ["rsa-too-small"],
    # Talos reads the certificate, but no key of this kind.
    "broken/dsa-ca/pki/ca.crt": ["algorithm-unsupported"],
    "broken/ed448-ca/pki/ca.crt": ["algorithm-unsupported"],
    "broken/rsa-pss-key-ca/pki/ca.crt": ["algorithm-unsupported"],
    # Talos does not look whether the key belongs to it.
    "broken/key-fits-old-ca/pki/ca.crt": ["key-mismatch"],
    "broken/key-of-another-algorithm/pki/ca.crt": ["key-mismatch"],
    "broken/key-of-another-ec-ca/pki/etcd/ca.crt": ["key-mismatch"],
    "broken/key-of-another-rsa-ca/pki/ca.crt": ["key-mismatch"],
    # Its key is not in the fixture at all.
    "kubeadm/external-ca/pki/ca.crt": ["key-mismatch"],
    "kubeadm/external-etcd/pki/etcd/ca.crt": ["key-mismatch"],
}

#: Certificates that are no CA and that nobody takes for one: refused by this and maybe more.
LEAF_RULE = "not-a-ca"

#: Keys that Talos reads and we refuse as service-account keys: file and rules.
REFUSED_KEYS = {
    # kube-apiserver does not start with such a key.
    "broken/ed25519-ca/pki/ca.key": ["service-account-algorithm"],
    "broken/ed25519-service-account-key/pki/sa.key": ["service-account-algorithm"],
    "broken/p224-service-account-key/pki/sa.key": ["service-account-algorithm"],
    # It can be broken.
    "broken/rsa-1024-ca/pki/ca.key": ["rsa-too-small"],
    "broken/rsa-1024-service-account-key/pki/sa.key": ["rsa-too-small"],
}

#: Files with several pieces, of which Talos takes the first and we take the one that fits.
OTHER_PIECE = {
    "broken/two-cas-old-first/pki/ca.crt",
    "broken/two-keys-wrong-first/pki/ca.key",
}

#: Files with the names of CA certificates.
AUTHORITY_NAMES = {"ca.crt", "front-proxy-ca.crt", "cluster.pem"}


def certificates(programs, group):
    """Every certificate with its key, as the files of the Kubernetes CA."""
    files = pki_files(programs)
    talos = programs.judge(*files)
    comparison = Comparison(programs, group, talos)
    seen = set()
    for path in files:
        certificate = path.read_bytes()
        if not (talos[path]["certificate"]["ok"] or path.suffix == ".crt"):
            continue
        key = path.with_suffix(".key")
        if key.exists() and (certificate, key.read_bytes()) not in seen:
            seen |= {(certificate, key.read_bytes()), certificate}
            comparison.pair(path, key, *import_pair(programs, path, key))
        elif certificate not in seen:
            seen.add(certificate)
            comparison.pair(path, *fitting_key(programs, path, talos))
    comparison.conclude(REFUSED_CERTIFICATES, OTHER_PIECE)


def keys(programs, group):
    """Every file as the service-account key, which needs no certificate."""
    files = pki_files(programs)
    comparison = Comparison(programs, group, programs.judge(*files))
    seen = set()
    for path in files:
        if path.read_bytes() not in seen:
            seen.add(path.read_bytes())
            comparison.key(path, *import_key(programs, path))
    comparison.conclude(REFUSED_KEYS, set())


class Comparison:
    """Talos's reading of files, compared with ours."""

    def __init__(self, programs, group, talos):
        self.programs = programs
        self.group = group
        self.talos = talos
        self.refused = {}
        self.other_pieces = set()
        self.written = []

    def pair(self, path, key, ran, output):
        """Notes the import of a certificate and its key."""
        if ran.returncode == 0:
            parts = bundle.slots(output)["k8s"]
            self.written.append((path, "certificate", self.programs.file("crt", parts["crt"])))
            self.written.append((key, "key", self.programs.file("key", parts["key"])))
            return
        here, there = errors_at(path, ran), errors_at(key, ran)
        if not here and not there:
            self.group.fail(self.name(path), said(ran))
        elif not self.talos[path]["certificate"]["ok"] or not here:
            # Talos does not read it either, or it is only the key that keeps it out.
            self.group.check(self.name(path))
        elif path.name not in AUTHORITY_NAMES and LEAF_RULE in here:
            self.group.check(self.name(path))
        else:
            self.refused[self.name(path)] = here

    def key(self, path, ran, output):
        """Notes the import of a key."""
        if ran.returncode == 0:
            contents = bundle.slots(output)["k8sserviceaccount"]["key"]
            self.written.append((path, "key", self.programs.file("key", contents)))
        elif not error_rules(ran):
            self.group.fail(self.name(path), said(ran))
        elif self.talos[path]["key"]["ok"]:
            self.refused[self.name(path)] = error_rules(ran)
        else:
            self.group.check(self.name(path))

    def conclude(self, refused, other_pieces):
        """Compares everything that was imported, and the exceptions with those that are expected."""
        judged = self.programs.judge(*[written for _, _, written in self.written])
        for path, reader, written in self.written:
            before, after = self.talos[path][reader], judged[written][reader]
            if not after["ok"]:
                self.group.fail(self.name(path), f"Talos does not read what we wrote: {after}")
            elif before["ok"] and before["sha256"] != after["sha256"]:
                self.other_pieces.add(self.name(path))
            else:
                self.group.check(self.name(path))
        for name in sorted(refused.keys() | self.refused.keys()):
            expected = refused.get(name, "import")
            self.group.expect(name, expected, self.refused.get(name, "import"))
        for name in sorted(other_pieces | self.other_pieces):
            takes_another = name in self.other_pieces
            self.group.expect(f"{name}: another piece", name in other_pieces, takes_another)

    def name(self, path):
        return str(path.relative_to(self.programs.fixtures))


def pki_files(programs):
    """All files of all PKIs, those of kubeadm first."""
    found = []
    for kind in ("kubeadm", "broken"):
        found += sorted((programs.fixtures / kind).glob("*/pki/**/*"))
    return [path for path in found if path.is_file()]


def fitting_key(programs, path, talos):
    """A certificate whose key is not known by its name: the import with the key of the same fixture
    that fits, or with the last one if none does."""
    folder = path.relative_to(programs.fixtures).parts[:2]
    there = programs.fixtures.joinpath(*folder)
    for key in [key for key, file in talos.items() if there in key.parents and file["key"]["ok"]]:
        ran, output = import_pair(programs, path, key)
        if "key-mismatch" not in error_rules(ran):
            break
    return key, ran, output


def import_pair(programs, certificate, key):
    """The run that imports a pair, and the bundle if there is one. CAs of every slot are tried in the
    same one."""
    flags = ["--kubernetes-ca-crt", certificate, "--kubernetes-ca-key", key]
    flags += ["--allow", "ca-of-another-slot"]
    return import_files(programs, flags)


def import_key(programs, key):
    """The run that imports a key, and the bundle if there is one."""
    return import_files(programs, ["--service-account-key", key])


def import_files(programs, flags):
    output = programs.folder() / "secrets.json"
    flags = [*flags, "--passphrase-file", programs.passphrase_file, "--talos-version", "v1.6"]
    arguments = at_fixture_time(*flags, "--format", "json", "-o", output)
    return programs.talos_pki("gen", "secrets", *arguments), output


def errors_at(path, ran):
    """The rules of which ours printed an error that names a place in the file `path`."""
    rules = set()
    for block in ran.stderr.decode().split("\n\n"):
        rule = re.match(r"error\[([a-z0-9-]+)\]", block)
        if rule and re.search(rf"^ +--> {re.escape(str(path))}($|[ :])", block, re.MULTILINE):
            rules.add(rule[1])
    return sorted(rules)
