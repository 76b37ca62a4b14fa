"""Machine configs made by us, compared with Talos's own and judged by Talos's library."""

import concurrent.futures
import json
import subprocess

from programs import CONTRACTS, OLD_CONTRACT, at_fixture_time, said

MACHINES = ["controlplane", "worker"]

#: The contracts that Talos 1.13 knows.
CONTRACTS_OF_1_13 = CONTRACTS[: CONTRACTS.index("v1.13") + 1]

#: Where the bundles are from, and arguments that make them.
BUNDLES = {
    "rsa-2048": ["-p", "kubeadm/rsa-2048"],
    "ecdsa-p384": ["-p", "kubeadm/ecdsa-p384"],
    "ed25519": ["-p", "broken/ed25519-ca"],
    "fresh": [],
    "a token like a number": ["-t", "1e5555.1234567890123456"],
}

#: What both programs are asked for: name and endpoint, and flags that they have in common.
OPTIONS = {
    "defaults": ("prod", "https://10.0.0.1:6443"),
    "a name": ("staging", "https://api.example.org:443"),
    "no port": ("prod", "https://api.example.org"),
    "a slash at the end": ("prod", "https://api.example.org:6443/"),
    "capital letters": ("Prod", "HTTPS://API.Example.org:6443"),
    "IPv6": ("v6", "https://[2001:db8::1]:6443"),
    "a name like a number": ("1e3", "https://10.0.0.1:6443"),
    "a name that needs quotes": ("it's: #1", "https://10.0.0.1:6443"),
    "a name like a date": ("2026-11-24", "https://10.0.0.1:6443"),
    "more names": (
        "prod", "https://10.0.0.1:6443", "--additional-sans", "192.0.2.7,api.example.org,::1",
    ),
    "the domain": ("prod", "https://10.0.0.1:6443", "--dns-domain", "k8s.example.org"),
    "the disk": ("prod", "https://10.0.0.1:6443", "--install-disk", "/dev/disk/by-id/nvme-a_b:1"),
    "no disk": ("prod", "https://10.0.0.1:6443", "--install-disk="),
    "no image": ("prod", "https://10.0.0.1:6443", "--install-image="),
    "no discovery": ("prod", "https://10.0.0.1:6443", "--with-cluster-discovery=false"),
    "KubeSpan": ("prod", "https://10.0.0.1:6443", "--with-kubespan=true"),
    "everything": (
        "staging", "https://[2001:db8::1]:443", "--with-kubespan=true",
        "--additional-sans", "a.example.org", "--install-disk", "/dev/vda", "--dns-domain", "x.example.org",
    ),
}

#: What the library has no default for.
IMAGE = "--install-image=example.org/installer:v1.14.1"
COMMON = ["--kubernetes-version", "1.34.1"]


def every_contract(programs, group):
    """Configs are those that Talos's library generates, byte for byte, and it takes them. Every
    bundle with the defaults, and one bundle with every option."""
    bundles = {name: make_bundle(programs, arguments) for name, arguments in BUNDLES.items()}
    for name, bundle in bundles.items():
        options = OPTIONS if name == "fresh" else ["defaults"]
        for option in options:
            expect_same(programs, group, f"{name}, {option}", bundle, OPTIONS[option])


def aescbc(programs, group):
    """An AES-CBC key is kept, where talosctl loses it; asked to lose it, the files are the same."""
    bundle = make_bundle(programs, ["--talos-version", OLD_CONTRACT])
    defaults = OPTIONS["defaults"]
    expect_same(programs, group, "lost", bundle, defaults, "--lose-aescbc-key")
    secret = json.loads(programs.output([
        programs.ours, "gen", "secrets", "-o", "-", "--format", "json", *at_fixture_time(),
        "--from-controlplane-config", kept_config(programs, bundle, "v1.13"),
    ]))["Secrets"]["AESCBCEncryptionSecret"]
    for contract in CONTRACTS:
        config = kept_config(programs, bundle, contract)
        group.check(f"kept {contract}", None if secret in config.read_text() else "it is lost")
        expect_taken(programs, group, [config], [contract])
    # The document is what Talos 1.13 gives its API server, and with the same name.
    document = kept_config(programs, bundle, "v1.14").read_text().split("KubeEtcdEncryptionConfig")[1]
    order = [document.find(part) for part in ("aescbc:", "name: key1", secret, "identity: {}")]
    group.check("kept in its place", None if -1 < order[0] and order == sorted(order) else order)


def kept_config(programs, bundle, contract):
    """The config of a control plane of `contract`."""
    path = programs.folder() / "controlplane.yaml"
    programs.output([
        programs.ours, "gen", "config", *OPTIONS["defaults"], *COMMON, IMAGE, "--with-secrets", bundle,
        "--talos-version", contract, "-t", "controlplane", "-o", path, *at_fixture_time(),
    ], stderr=subprocess.DEVNULL)
    return path


def make_bundle(programs, arguments):
    """A bundle of ours."""
    path = programs.folder() / "secrets.yaml"
    if arguments[:1] == ["-p"]:
        arguments = ["-p", programs.fixtures / arguments[1]]
    ran = programs.talos_pki("gen", "secrets", "-o", path, *at_fixture_time(*arguments))
    if ran.returncode != 0:
        raise RuntimeError(said(ran))
    return path


def expect_same(programs, group, name, bundle, options, *ours_alone):
    """Ours and Talos's configs of `bundle`, of all contracts and machines."""
    theirs = programs.folder()
    flags = [*COMMON, *options[2:]]
    if "--install-image=" not in options:
        flags.append(IMAGE)
    arguments = [*flags, "--name", options[0], "--endpoint", options[1]]
    programs.output([programs.talos["talos-1.14"], "config-contracts", *arguments, bundle, theirs])
    ours = programs.folder()

    def generate(contract):
        (ours / contract).mkdir()
        return programs.talos_pki(
            "gen", "config", *options[:2], *flags, *ours_alone, "--with-secrets", bundle,
            "--talos-version", contract, "-t", ",".join(MACHINES), "-o", ours / contract,
            *at_fixture_time(),
        )

    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = list(pool.map(generate, CONTRACTS))
    paths, contracts = [], []
    for contract, ran in zip(CONTRACTS, runs):
        if ran.returncode != 0:
            group.fail(f"{name}, {contract}", said(ran))
            continue
        for machine in MACHINES:
            path = ours / contract / f"{machine}.yaml"
            wanted = (theirs / contract / f"{machine}.yaml").read_bytes()
            group.expect(f"{name}, {contract}, {machine}", wanted, path.read_bytes())
            paths.append(path)
            contracts.append(contract)
    # Up to 1.13, Talos generates configs without a disk or an image that it then refuses.
    if not {"--install-image=", "--install-disk="} & set(options):
        expect_taken(programs, group, paths, contracts)


def expect_taken(programs, group, paths, contracts):
    """Talos takes the configs: 1.14 all, 1.13 those of its contracts."""
    known = [path for path, contract in zip(paths, contracts) if contract in CONTRACTS_OF_1_13]
    for tool, configs in (("talos-1.14", paths), ("talos-1.13", known)):
        if not configs:
            continue
        ran = subprocess.run(
            [programs.talos[tool], "check-configs", *configs], stdout=subprocess.PIPE, text=True
        )
        verdicts = [json.loads(line) for line in ran.stdout.splitlines()]
        if len(verdicts) != len(configs):
            group.fail(tool, f"{len(verdicts)} verdicts on {len(configs)} configs")
        for verdict in verdicts:
            problem = None if verdict["ok"] else verdict["problem"].splitlines()[-1]
            group.check(f"{tool} on {verdict['file']}", problem)
