"""Keys, certificates and requests that the `gen` commands make, judged by everybody.

Each CA issues by every command. Talos's library makes the same from the same wish, and the two are
compared in all but serial number, key and signature; Go verifies as Talos's API does; OpenSSL
verifies strictly; two linters find nothing that is not in the lists below.
"""

import concurrent.futures
import json
import re
import subprocess

import bundle
from programs import NOW, said

#: A minute after NOW, as OpenSSL wants it.
MOMENT = "1796083260"

ALGORITHMS = ["ed25519", "ecdsa-p256", "ecdsa-p384", "rsa"]

FIXTURES = ["rsa-2048", "rsa-4096", "ecdsa-p256", "ecdsa-p384"]

PURPOSES = ["client", "server", "server-and-client"]

#: What the certificates are for: two roles, and a node by name and address.
ROLES = ["os:reader", "os:etcd:backup"]
NODE = {
    "common_name": "node-1",
    "dns_names": ["node-1", "node-1.example.org"],
    "ip_addresses": ["10.0.0.2", "127.0.0.1", "2001:db8::1"],
}

#: What a linter says of a shape that is Talos's, and why it stays.
LINTS = {
    "zlint": {
        # Talos gives leaves no subject key identifier. RFC 5280 section 4.2.1.2 says SHOULD.
        "w_ext_subject_key_identifier_missing_sub_cert",
    },
    "pkilint": {
        # The same.
        "pkix.certificate_skid_end_entity_missing",
        # Talos's subject key identifiers are random, since SHA-1 is not FIPS 140-3's.
        "pkix.unknown_subject_key_identifier_calculation_method",
        # Go puts several organizations, Talos's roles, into one relative name.
        "pkix.rdn_contains_duplicate_attribute_types",
        # A node's host name is a DNS name of one label, as Talos has it in its certificates.
        "pkix.invalid_domain_name_syntax",
    },
}

#: Results of zlint that are none to be silent about.
BAD_RESULTS = ["info", "warn", "error", "fatal"]

#: A request by OpenSSL, with what Talos does not grant. Its subject is in Go's order, which the
#: library would bring it into.
OPENSSL_REQUEST = """\
[req]
prompt = no
distinguished_name = name
req_extensions = extensions
string_mask = default
[name]
C = DE
O = os:admin
OU = cluster
CN = somebody
[extensions]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:a.example.org, IP:192.0.2.1, email:a@example.org, URI:https://example.org
"""


def every_authority(programs, group):
    """Every CA that we make or take, every command, every judge."""
    wishes = Wishes(programs, group)
    for name, crt, key in authorities(programs, group, wishes):
        issue(programs, wishes, name, crt, key)
    self_signed(wishes)
    wishes.judge()


def authorities(programs, group, wishes):
    """CAs: made by `gen ca`, of a fresh bundle, and kubeadm's."""
    found = []
    for choice in [*[["--algorithm", algorithm] for algorithm in ALGORITHMS], ["--rsa"]]:
        name = f"gen ca {' '.join(choice)}"
        command = ["gen", "ca", "--organization", "talos", *choice]
        asked = {"organizations": ["talos"], "hours": 87600}
        folder = wishes.want(name, command, "talos", ["crt", "key"], asked)
        found.append((name, folder / "talos.crt", folder / "talos.key"))
        sha256 = folder / "talos.sha256"
        group.expect(f"{name} hash", pin(folder / "talos.crt"), sha256.read_text())
    path = programs.folder() / "secrets.yaml"
    ran = programs.talos_pki("gen", "secrets", "-o", path)
    group.check("fresh bundle", None if ran.returncode == 0 else said(ran))
    for slot, pair in bundle.slots(path).items():
        if "crt" in pair:
            files = [programs.file(f"ca.{part}", pair[part]) for part in ("crt", "key")]
            found.append((f"a fresh bundle's {slot}", *files))
    for variant in FIXTURES:
        pki = programs.fixtures / "kubeadm" / variant / "pki"
        for slot, files in bundle.KUBEADM_FILES.items():
            if "crt" in files:
                found.append((f"{variant} {slot}", pki / files["crt"], pki / files["key"]))
    return found


def issue(programs, wishes, name, ca_crt, ca_key):
    """Everything that one CA can issue."""
    issuer = ["--ca-crt", ca_crt, "--ca-key", ca_key]
    authority = {"ca": ca_crt, "ca_key": ca_key}
    node = ["--common-name", NODE["common_name"]]
    node += ["--dns", ",".join(NODE["dns_names"]), "--ip", ",".join(NODE["ip_addresses"])]
    client = {"purpose": "client", "organizations": ROLES, "hours": 24, **authority}
    server = {"purpose": "server", "organizations": [], "hours": 8760, **NODE, **authority}

    pair = ["gen", "keypair", *issuer, "--name", "pair"]
    roles = ["--roles", ",".join(ROLES)]
    wishes.want(f"{name}: client pair", [*pair, *roles], "pair", ["crt", "key"], client)
    command = [*pair, "--server", *node, "--ttl", "1y"]
    wishes.want(f"{name}: server pair", command, "pair", ["crt", "key"], server)

    key = programs.folder() / "leaf.key"
    key.write_bytes(leaf_key(programs, ca_key))
    key.chmod(0o600)
    asked = {"key": key, "organizations": ROLES, **NODE}
    command = ["gen", "csr", "--key", key, *roles, *node]
    requests = {"ours": wishes.want(f"{name}: request", command, "leaf", ["csr"], asked) / "leaf.csr"}
    asked = {"key": key, "organizations": ["os:admin"]}
    wishes.want(f"{name}: request of an admin", command[:4], "leaf", ["csr"], asked)
    requests["OpenSSL's"] = openssl_request(programs, key)
    for kind, csr in requests.items():
        for purpose in PURPOSES:
            asked = {"purpose": purpose, "csr": csr, "hours": 24, **authority}
            asked |= {"organizations": ROLES, **NODE} if kind == "ours" else {
                "organizations": ["os:admin"],
                "dns_names": ["a.example.org"],
                "ip_addresses": ["192.0.2.1"],
            }
            command = ["gen", "crt", *issuer, "--csr", csr, "--name", "leaf", "--purpose", purpose]
            wishes.want(f"{name}: {kind} for a {purpose}", command, "leaf", ["crt"], asked)


def self_signed(wishes):
    """What `gen keypair` makes without a CA."""
    for algorithm in ALGORITHMS:
        command = ["gen", "keypair", "--organization", "talos", "--algorithm", algorithm]
        command += ["--ip", "10.0.0.2,::1", "--dns", "a.example.org"]
        asked = {
            "organizations": ["talos"],
            "ip_addresses": ["10.0.0.2", "::1"],
            "dns_names": ["a.example.org"],
            "hours": 24,
        }
        wishes.want(f"gen keypair {algorithm}", command, "talos", ["crt", "key"], asked)


def leaf_key(programs, ca_key):
    """A key of the family of the CA's."""
    text = openssl(programs, "pkey", "-in", readable(programs, ca_key), "-noout", "-text")
    algorithm = "rsa" if "modulus" in text else "ed25519" if "ED25519" in text else "ecdsa-p256"
    ran = programs.talos_pki("gen", "key", "--name", "x", "--algorithm", algorithm, "-o", "-")
    return ran.stdout


def readable(programs, key):
    """OpenSSL does not know the label that Talos has for Ed25519."""
    return programs.file("key.pem", key.read_bytes().replace(b"ED25519 PRIVATE", b"PRIVATE"))


def openssl_request(programs, key):
    config = programs.file("request.cnf", OPENSSL_REQUEST.encode())
    path = programs.folder() / "openssl.csr"
    openssl(programs, "req", "-new", "-key", readable(programs, key), "-config", config, "-out", path)
    return path


def openssl(programs, *arguments):
    return programs.output(["openssl", *arguments])


def pin(crt):
    """kubeadm's pin of a CA, by OpenSSL."""
    command = f"openssl x509 -in {crt} -noout -pubkey | openssl pkey -pubin -outform DER"
    command += " | openssl dgst -sha256 -r"
    digest = subprocess.run(command, shell=True, capture_output=True, check=True, text=True)
    return f"sha256:{digest.stdout.split()[0]}"


class Wishes:
    """What is made, and what was asked for in it."""

    def __init__(self, programs, group):
        self.programs = programs
        self.group = group
        self.asked = []
        self.linters = {linter: programs.peer(linter) for linter in LINTS}

    def want(self, name, command, stem, endings, asked):
        """Runs ours in a new folder, which it gives. `asked` is for the judge."""
        folder = self.programs.folder()
        when = [] if "csr" in endings else ["--now", NOW]
        ran = self.programs.talos_pki(*command, *when, "-o", folder)
        if ran.returncode != 0:
            self.group.fail(name, said(ran))
            return folder
        made = {ending: folder / f"{stem}.{ending}" for ending in endings}
        self.asked.append({"name": name, **asked, **made})
        for path in folder.iterdir():
            self.group.expect(f"{name}: mode of {path.suffix}", 0o600, path.stat().st_mode & 0o777)
        return folder

    def judge(self):
        self.judge_by_talos()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for checked in pool.map(self.judge_by_others, self.asked):
                for name, problem in checked:
                    self.group.check(name, problem)

    def judge_by_talos(self):
        ran = subprocess.run(
            [self.programs.talos["talos-1.14"], "check-issued"],
            input="".join(json.dumps(asked, default=str) + "\n" for asked in self.asked),
            stdout=subprocess.PIPE,
            text=True,
        )
        verdicts = [json.loads(line) for line in ran.stdout.splitlines()]
        self.group.expect("verdicts", len(self.asked), len(verdicts))
        for verdict in verdicts:
            problem = None if verdict["ok"] else "; ".join(verdict["problems"])
            self.group.check(f"{verdict['name']} by Talos", problem)

    def judge_by_others(self, asked):
        name = asked["name"]
        if "crt" not in asked:
            verify = ["openssl", "req", "-in", asked["csr"], "-verify", "-noout"]
            return [(f"{name} by OpenSSL", complaint(verify))]
        crt = asked["crt"]
        checks = [
            (f"{name} by OpenSSL", self.openssl_verify(crt, asked.get("ca", crt))),
            (f"{name} by zlint", unlisted("zlint", self.zlint(crt))),
            (f"{name} by pkilint", unlisted("pkilint", self.pkilint(crt))),
        ]
        if "key" in asked:
            key = readable(self.programs, asked["key"])
            check = ["openssl", "pkey", "-in", key, "-check", "-noout"]
            checks.append((f"{name}: the key by OpenSSL", complaint(check)))
        return checks

    def openssl_verify(self, crt, ca):
        """At the moment that the certificate was made for, by everything in RFC 5280."""
        command = ["openssl", "verify", "-x509_strict", "-check_ss_sig", "-attime", MOMENT]
        return complaint([*command, "-CAfile", ca, crt])

    def zlint(self, crt):
        command = [self.linters["zlint"], "-includeSources", "RFC5280", crt]
        results = json.loads(self.programs.output(command))
        return {name for name, verdict in results.items() if verdict["result"] in BAD_RESULTS}

    def pkilint(self, crt):
        command = [self.linters["pkilint"], "lint", "-s", "NOTICE", crt]
        ran = subprocess.run(command, capture_output=True, text=True)
        found = set(re.findall(r"^ +([a-z0-9_.]+) \([A-Z]+\)", ran.stdout, re.MULTILINE))
        if ran.returncode != 0 and not found:
            raise RuntimeError(f"pkilint: {ran.stderr}")
        return found


def unlisted(linter, found):
    """What a linter says beyond the list."""
    return ", ".join(sorted(found - LINTS[linter])) or None


def complaint(command):
    """What a program that shall succeed says if it does not."""
    ran = subprocess.run(command, capture_output=True, text=True)
    return None if ran.returncode == 0 else ran.stderr.strip() or ran.stdout.strip() or "it failed"
