"""PKIs that the code of other distributions makes now, and what that code reads of ours."""

import hashlib
import json
import re
import subprocess

from programs import TWO_CONTRACTS, said
from verdicts import Bundles

#: The keysets of kops that become slots of Talos. The others are etcd's: Talos gets a CA of its own.
KOPS_SLOTS = {
    "k8s": "kubernetes-ca",
    "k8saggregator": "apiserver-aggregator-ca",
    "k8sserviceaccount": "service-account",
}

#: What a scan has to find in a state store, and no more: kops writes keys for nobody else, and no
#: certificate that a CA issued.
KOPS_RULES = ["etcd-ca-made-anew", "token-issuer"]

#: What it finds besides when a rotation is under way, in each keyset with CAs and in each.
KOPS_ROTATION_RULES = ["extra-certificates"] * 2 + ["extra-keys"] * 3


def kops(programs, group):
    """State stores of kops: with keysets as they are made, amid a rotation, and without the field
    that older versions did not write. Each becomes a bundle of what kops itself issues with. The
    fixture looks as such a store does."""
    kops = programs.peer("kops")
    bundles = Bundles(programs, group)
    made, rotated, old = (programs.folder() for _ in range(3))
    for store in (made, rotated, old):
        run(kops, "make", store)
    for store in (rotated, old):
        run(kops, "rotate", store)
    forget_primaries(old)
    stores = [
        ("a new store", made, KOPS_RULES),
        ("a rotated store", rotated, KOPS_RULES + KOPS_ROTATION_RULES),
        ("an old store", old, KOPS_RULES + KOPS_ROTATION_RULES),
    ]
    for name, store, rules in stores:
        keysets = json.loads(run(kops, "read", store))
        expect_scan(programs, group, name, store, keysets, rules)
        expect_bundle(programs, group, name, store, keysets)
        bundles.want(name, ["-p", store], TWO_CONTRACTS)
    bundles.judge()
    expect_same_shape(programs, group, kops, made)


def run(program, *arguments):
    """What a peer prints. What it says while all is well is of no interest."""
    ran = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True)
    if ran.returncode != 0:
        raise RuntimeError(f"{program.name} {arguments[0]}: {said(ran)}")
    return ran.stdout


def forget_primaries(store):
    """Before 1.22 a keyset did not say which of its generations is the primary."""
    for keyset in store.rglob("keyset.yaml"):
        text = keyset.read_text()
        shortened = re.sub(r"^  primaryId: .*\n", "", text, flags=re.MULTILINE)
        if shortened == text:
            raise RuntimeError(f"{keyset} has no primary")
        keyset.write_text(shortened)


def expect_scan(programs, group, name, store, keysets, rules):
    """The layout is told by itself, the slots are filled from what kops issues with, and the other
    CAs that it trusts are accepted."""
    report = programs.scan(store)
    group.expect(f"{name} layout", "kops", report["layout"])
    group.check(f"{name} is sound", None if report["sound"] else "it is not")
    said_so = programs.scan(store, "--layout", "kops")
    group.expect(f"{name} --layout", report["authorities"], said_so["authorities"])
    worse = [found["rule"] for found in report["findings"] if found["severity"] != "note"]
    group.expect(f"{name} findings", sorted(rules), sorted(worse))
    slots = {slot["slot"]: slot for slot in report["authorities"]}
    group.expect(f"{name} slots", {"k8s", "k8saggregator"}, set(slots))
    for slot, found in slots.items():
        keyset = keysets[KOPS_SLOTS[slot]]
        taken = found["certificate"]["fingerprint"]
        group.expect(f"{name} {slot}", f"sha256:{keyset['primary']['public_key']}", taken)
        others = [f"sha256:{other['public_key']}" for other in keyset["others"]]
        accepted = [other["fingerprint"] for other in found["accepted"]]
        group.expect(f"{name} {slot} accepts", others, accepted)
    key = keysets["service-account"]["primary"]["public_key"]
    group.expect(f"{name} key id", f"sha256:{key}", report["service_account"]["fingerprint"])


def expect_bundle(programs, group, name, store, keysets):
    """The bundle holds the primary generations, and nothing of what etcd has."""
    slots = programs.imported_slots(group, name, store)
    if slots is None:
        return
    for slot, keyset in KOPS_SLOTS.items():
        primary = keysets[keyset]["primary"]
        group.expect(f"{name} {slot}.key", primary["public_key"], public_key(slots[slot]["key"]))
        if "crt" in slots[slot]:
            group.expect(f"{name} {slot}.crt", primary["certificate"], digest(slots[slot]["crt"]))
    group.expect(f"{name} halves", ["key"], sorted(slots["k8sserviceaccount"]))
    of_kops = {keyset["primary"]["public_key"] for keyset in keysets.values()}
    etcd = public_key(slots["etcd"]["key"])
    group.check(f"{name} etcd", "it is a CA of kops" if etcd in of_kops else None)


def digest(certificate):
    """The SHA-256 of a certificate's DER, by openssl."""
    return hashlib.sha256(openssl(certificate, "x509", "-outform", "der")).hexdigest()


def public_key(key):
    """The SHA-256 of the public half of a private key, by openssl."""
    return hashlib.sha256(openssl(key, "pkey", "-pubout", "-outform", "der")).hexdigest()


def openssl(pem, *arguments):
    return subprocess.run(["openssl", *arguments], input=pem, capture_output=True, check=True).stdout


def verify(trusted, certificate):
    """What openssl says against a certificate, or None. As to Go, each of those in the file `trusted` is
    where a chain may end, and what stands behind the certificate may be between."""
    ran = subprocess.run(
        ["openssl", "verify", "-partial_chain", "-CAfile", trusted, "-untrusted", certificate, certificate],
        capture_output=True, text=True,
    )
    return None if ran.returncode == 0 else ran.stderr.strip()


def expect_same_shape(programs, group, kops, made):
    """Kops's code reads our fixture, and finds there what it makes itself."""
    wanted = json.loads(run(kops, "read", made))
    got = json.loads(run(kops, "read", programs.fixtures / "layouts" / "kops"))
    group.expect("the fixture's keysets", sorted(wanted), sorted(got))
    for name in sorted(wanted.keys() & got.keys()):
        group.expect(f"the fixture's {name}", shape(wanted[name]), shape(got[name]))
    kubernetes = got["kubernetes-ca"]
    rotation = (kubernetes["distrusted"], len(kubernetes["others"]))
    group.expect("the fixture's generations", (1, 1), rotation)


def shape(keyset):
    """A primary generation without what is new in each."""
    kept = ("algorithm", "common_name", "is_authority", "is_own_issuer")
    return {name: keyset["primary"][name] for name in kept}
