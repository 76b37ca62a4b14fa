"""The clusters that are migrated: what each has that is easily lost on the way.

A cluster lives through stages, as real ones do: in each its API server runs with the flags of that
stage, and something is written and signed that has to be good for ever after. The last stage is the
cluster as the migration finds it.

Most PKIs are ECDSA, for the time it takes: a node of Talos makes an RSA key of 4096 bits for every
certificate under an RSA CA. The cases without `algorithm` are as kubeadm makes them, RSA.
"""

import base64
import dataclasses
import os

import changes

ECDSA = "ECDSA-P256"

#: The file of --encryption-provider-config, on a machine of the cluster.
ENCRYPTION_FILE = "/etc/kubernetes/enc/encryption.yaml"

#: The issuer that kubeadm sets.
KUBEADM_ISSUER = "https://kubernetes.default.svc.cluster.local"

NEWEST = "v1.14"
OLDER = "v1.13"


@dataclasses.dataclass(frozen=True)
class Stage:
    """A time in the life of a cluster."""

    #: The EncryptionConfiguration; None where there is none.
    encryption: str = None
    #: What objects that are written now look like in etcd, by kind.
    stored: dict = dataclasses.field(default_factory=lambda: {"secret": "identity"})
    #: More flags of the API server, as kubeadm is told them.
    flags: tuple = ()
    #: What is done to /etc/kubernetes before the API server starts.
    change: object = None


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    stages: tuple = (Stage(),)
    algorithm: str = None
    domain: str = "cluster.local"
    services: str = "10.96.0.0/12"
    pods: str = "10.244.0.0/16"
    #: Whether etcd runs elsewhere, with a CA of its own.
    external_etcd: bool = False
    #: Whether the key of the Kubernetes CA is on the control plane. Without it Talos makes a CA anew,
    #: and the two never run side by side.
    has_ca_key: bool = True
    #: Whether the controller manager and the scheduler of the node run, too. They are seconds each time,
    #: and have no more of a cluster than a CA, a key of accounts and a range of pods.
    has_controllers: bool = False
    #: Whether the fields of Talos 1.13 can hold this cluster.
    fits_older: bool = True
    #: The checks that must fail after a plain import, by version: where Talos's own flow loses
    #: something, the check has to see it.
    lost: dict = dataclasses.field(default_factory=dict)

    def versions(self):
        return [NEWEST, OLDER] if self.fits_older else [NEWEST]


def secret():
    """A key for encryption at rest. Made anew each time: it protects nothing."""
    return base64.b64encode(os.urandom(32)).decode()


def keys(provider, *named):
    """One provider of an EncryptionConfiguration, in the YAML that people write."""
    lines = [f"  - {provider}:", "      keys:"]
    for name, value in named:
        lines += [f"      - name: {name}", f"        secret: {value}"]
    return "\n".join(lines)


IDENTITY = "  - identity: {}"


def rule(resources, *providers):
    # A star has a meaning of its own in YAML.
    quoted = [f'"{resource}"' if "*" in resource else resource for resource in resources]
    listed = "".join(f"  - {resource}\n" for resource in quoted)
    return f"- resources:\n{listed}  providers:\n" + "\n".join(providers)


def encryption(*rules):
    header = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n"
    return header + "\n".join(rules) + "\n"


def encrypting(*stages):
    """Stages that encrypt Secrets alone: each a list of providers and what it stores."""
    return tuple(
        Stage(encryption=encryption(rule(["secrets"], *providers)), stored={"secret": stored})
        for providers, stored in stages
    )


def secretbox_then_identity_first():
    first, second = ("first", secret()), ("second", secret())
    return encrypting(
        ([keys("secretbox", first), IDENTITY], "secretbox/first"),
        ([keys("secretbox", second, first), IDENTITY], "secretbox/second"),
        ([IDENTITY, keys("secretbox", second, first)], "identity"),
    )


def wildcards():
    rules = encryption(
        rule(["secrets", "configmaps"], keys("secretbox", ("core", secret())), IDENTITY),
        rule(["*.apps"], keys("aescbc", ("apps", secret())), IDENTITY),
        rule(["*.*"], keys("aesgcm", ("rest", secret())), IDENTITY),
    )
    stored = {
        "secret": "secretbox/core",
        "configmap": "secretbox/core",
        "deployment": "aescbc/apps",
        "lease": "aesgcm/rest",
    }
    return (Stage(encryption=rules, stored=stored),)


def issuers(*urls):
    return tuple(("service-account-issuer", url) for url in urls)


OWN_ISSUER = "https://tokens.example.org"

#: What is lost by every plain import of a cluster with kubeadm's issuer.
TOKENS = {"old tokens, new API server", "new tokens, old API server"}

#: What is lost where Secrets are not encrypted as Talos would.
OLD_READS_NEW = "new objects, old API server"
NEW_READS_OLD = "old objects, new API server"
EVERYTHING = TOKENS | {NEW_READS_OLD, OLD_READS_NEW}

CASES = [
    Case(
        "no encryption",
        lost={NEWEST: EVERYTHING, OLDER: TOKENS | {OLD_READS_NEW}},
    ),
    Case(
        "aescbc key1",
        algorithm=ECDSA,
        has_controllers=True,
        stages=encrypting(([keys("aescbc", ("key1", secret())), IDENTITY], "aescbc/key1")),
        lost={NEWEST: EVERYTHING, OLDER: EVERYTHING},
    ),
    Case(
        "aescbc of another name",
        algorithm=ECDSA,
        fits_older=False,
        stages=encrypting(([keys("aescbc", ("prod", secret())), IDENTITY], "aescbc/prod")),
        lost={NEWEST: EVERYTHING},
    ),
    Case(
        "secretbox, two keys, identity first",
        algorithm=ECDSA,
        fits_older=False,
        stages=secretbox_then_identity_first(),
        lost={NEWEST: EVERYTHING},
    ),
    Case(
        "secretbox key2",
        algorithm=ECDSA,
        stages=encrypting(([keys("secretbox", ("key2", secret())), IDENTITY], "secretbox/key2")),
        lost={NEWEST: EVERYTHING},
    ),
    Case(
        "wildcard resources",
        algorithm=ECDSA,
        fits_older=False,
        stages=wildcards(),
        lost={NEWEST: EVERYTHING},
    ),
    Case(
        "ECDSA PKI",
        algorithm="ECDSA-P384",
        lost={NEWEST: TOKENS | {NEW_READS_OLD}},
    ),
    Case(
        "two issuers",
        algorithm=ECDSA,
        stages=(
            Stage(),
            Stage(flags=issuers(OWN_ISSUER, KUBEADM_ISSUER)),
        ),
        lost={NEWEST: TOKENS},
    ),
    Case(
        "rotated service-account key",
        algorithm=ECDSA,
        has_controllers=True,
        fits_older=False,
        stages=(
            Stage(),
            Stage(
                change=changes.rotate_service_account_key,
                flags=(
                    ("service-account-key-file", "/etc/kubernetes/pki/sa.pub"),
                    ("service-account-key-file", "/etc/kubernetes/pki/sa-old.pub"),
                ),
            ),
        ),
        lost={NEWEST: TOKENS},
    ),
    Case(
        "bundle with an old CA",
        stages=(Stage(), Stage(change=changes.rotate_ca_in_one_file)),
        # Talos takes the file whole, and with it the old CA.
        lost={NEWEST: TOKENS},
    ),
    Case(
        "old CA in a file of its own",
        algorithm=ECDSA,
        has_controllers=True,
        stages=(
            Stage(),
            Stage(
                change=changes.rotate_ca_in_two_files,
                flags=(("client-ca-file", "/etc/kubernetes/pki/client-ca.crt"),),
            ),
        ),
        lost={NEWEST: TOKENS | {"old certificates, new API server"}},
    ),
    Case(
        "bundle with an old front-proxy CA",
        algorithm=ECDSA,
        fits_older=False,
        stages=(Stage(), Stage(change=changes.rotate_front_proxy_ca)),
        lost={NEWEST: TOKENS},
    ),
    Case(
        "own domain, ranges and audiences",
        algorithm=ECDSA,
        has_controllers=True,
        domain="corp.example",
        services="10.7.0.0/16",
        pods="10.64.0.0/14",
        stages=(
            Stage(flags=(("api-audiences", "https://kubernetes.default.svc.corp.example,vault"),)),
        ),
        lost={NEWEST: TOKENS | {"names and ranges"}},
    ),
    Case(
        "external etcd",
        algorithm=ECDSA,
        external_etcd=True,
        lost={NEWEST: TOKENS | {NEW_READS_OLD}},
    ),
    Case(
        "Kubernetes CA without its key",
        algorithm=ECDSA,
        has_controllers=True,
        has_ca_key=False,
        stages=(Stage(), Stage(change=changes.take_away_ca_key)),
    ),
]
