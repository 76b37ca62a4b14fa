"""Clusters that are converted. Patches for `talosctl gen config`, applied by Talos's library, make the
configuration that we write as a whole, and nodes with that run as the old cluster did."""

import concurrent.futures
import json
import re
import shlex
import shutil
import subprocess

import nodes
from programs import at_fixture_time, said

MACHINES = ["controlplane", "worker"]

#: Fixtures whose CAs have keys that a node does not take long to make the like of.
ELLIPTIC = ["ecdsa-p256", "ecdsa-p384"]

#: Contracts in which convert is tried. What one of them cannot hold is refused, and counts as such.
CONTRACTS = ["v1.11", "v1.12", "v1.13", "v1.14"]

#: How many of the cases have to be possible at least, by contract: a patch that is never made proves
#: nothing.
LEAST_POSSIBLE = {"v1.11": 30, "v1.12": 30, "v1.13": 30, "v1.14": 38}

ENDPOINT = "https://kube.example.org:6443"
#: A version that all of the contracts run.
KUBERNETES = "1.34.1"

TOKEN = "abcdef.0123456789abcdef"

#: Keys that protect nothing.
FIRST = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="
SECOND = "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE="

ADMISSION = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
"""
EVENT_RATE_LIMIT = """\
- name: EventRateLimit
  configuration:
    kind: Configuration
    limits: [{type: Server, qps: 50, burst: 100}]
"""
POD_SECURITY = """\
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: privileged, extra: null}
    exemptions: {namespaces: [storage]}
"""
AUDIT = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: RequestResponse, verbs: [create]}, {level: None}]
"""
#: Only an addition to Talos's own policy, which must not replace it.
AUDIT_AND_MORE = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitManagedFields: true
rules: [{level: Metadata}]
"""
SCHEDULER = """\
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
clientConnection: {kubeconfig: /etc/kubernetes/scheduler.conf}
profiles: [{schedulerName: packed, percentageOfNodesToScore: 30}]
"""
AUTHORIZATION = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AuthorizationConfiguration
authorizers:
"""
WEBHOOK = """\
- type: Webhook
  name: policy
  webhook:
    timeout: 3s
    subjectAccessReviewVersion: v1
    matchConditionSubjectAccessReviewVersion: v1
    failurePolicy: Deny
    authorizedTTL: 30s
    unauthorizedTTL: 30s
    connectionInfo: {type: InClusterConfig}
"""
NODE = "- {type: Node, name: node}\n"
RBAC = "- {type: RBAC, name: rbac}\n"
AUTHENTICATION = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
anonymous: {enabled: true, conditions: [{path: /livez}]}
jwt:
- issuer: {url: https://id.example.org, audiences: [kube]}
  claimMappings: {username: {claim: email, prefix: ''}}
"""
CLUSTER_INFO = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: kubeadm-config, namespace: kube-system}
  data:
    ClusterConfiguration: |
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: ClusterConfiguration
      clusterName: "it's: prod"
      controlPlaneEndpoint: kube.example.org:6443
      kubernetesVersion: v%s
      networking: {dnsDomain: k8s.example.org, podSubnet: "10.32.0.0/16,fd00:10::/56", serviceSubnet: "10.96.0.0/12,fd00:1::/112"}
      apiServer: {certSANs: [api.example.org, 192.0.2.7]}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: kubelet-config, namespace: kube-system}
  data:
    kubelet: |
      apiVersion: kubelet.config.k8s.io/v1beta1
      kind: KubeletConfiguration
      clusterDNS: [10.96.0.53]
      clusterDomain: k8s.example.org
      maxPods: 250
      evictionHard: {memory.available: 200Mi}
      evictionSoft: {memory.available: 500Mi}
      evictionSoftGracePeriod: {memory.available: 1m30s}
      featureGates: {NodeSwap: true}
      kubeReserved: {cpu: 100m, memory: 200Mi}
      allowedUnsafeSysctls: [net.core.somaxconn]
      containerLogMaxSize: 50Mi
      podPidsLimit: 4096
      serverTLSBootstrap: true
      registerWithTaints: [{key: dedicated, effect: NoSchedule}]
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: kube-proxy, namespace: kube-system}
  data:
    config.conf: |
      apiVersion: kubeproxy.config.k8s.io/v1alpha1
      kind: KubeProxyConfiguration
      bindAddress: 0.0.0.0
      mode: ipvs
      ipvs: {strictARP: true}
""" % KUBERNETES


#: What a kubelet must be told of that.
KUBELET = [
    "clusterDNS:\n- 10.96.0.53\n", "clusterDomain: k8s.example.org\n", "maxPods: 250\n",
    "evictionHard:\n  memory.available: 200Mi\n", "evictionSoft:\n  memory.available: 500Mi\n",
    "evictionSoftGracePeriod:\n  memory.available: 1m30s\n", "  NodeSwap: true\n",
    "kubeReserved:\n  cpu: 100m\n  memory: 200Mi\n", "- net.core.somaxconn\n",
    "containerLogMaxSize: 50Mi\n", "podPidsLimit: 4096\n", "serverTLSBootstrap: true\n",
    "- effect: NoSchedule\n  key: dedicated\n",
]


class Case:
    """A cluster of kubeadm with something about it."""

    def __init__(self, programs, fixture="ecdsa-p256"):
        self.programs = programs
        self.fixture = fixture
        self.folder = programs.folder() / "kubernetes"
        shutil.copytree(programs.fixtures / "kubeadm" / fixture, self.folder)
        for path in self.folder.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        for path in self.folder.glob("manifests/*"):
            path.write_text(re.sub(r":v1\.\d+\.\d+$", f":v{KUBERNETES}", path.read_text(), flags=re.M))
        self.arguments = ["-t", TOKEN]
        self.kubelet = []

    def flags(self, component, *flags):
        """Gives a component flags; one that it has is replaced."""
        path = self.folder / "manifests" / f"{component}.yaml"
        text = path.read_text()
        for name in {flag.split("=")[0] for flag in flags}:
            text = re.sub(rf"^ +- {name}=.*\n", "", text, flags=re.MULTILINE)
        lines = "".join(f"    - {json.dumps(flag)}\n" for flag in flags)
        command = f"    - {component}\n"
        if command not in text:
            raise RuntimeError(f"{path} has no {command}")
        path.write_text(text.replace(command, command + lines, 1))
        return self

    def api_server(self, *flags):
        return self.flags("kube-apiserver", *flags)

    def file(self, name, text):
        """Writes a file below /etc/kubernetes."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return self

    def named(self, flag, name, text):
        """A file that a flag of the API server names."""
        return self.api_server(f"{flag}=/etc/kubernetes/{name}").file(name, text)

    def encrypting(self, providers, resources="secrets"):
        text = (
            "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n"
            f"resources: [{{resources: [{resources}], providers: [{', '.join(providers)}]}}]\n"
        )
        return self.named("--encryption-provider-config", "enc.yaml", text)

    def accepting(self, name):
        """Trusts another CA, too."""
        other = self.programs.fixtures / "kubeadm" / "ecdsa-p384" / "pki" / name
        path = self.folder / "pki" / name
        return self.file(f"pki/{name}", path.read_text() + other.read_text())

    def with_old_key(self):
        """Accepts tokens that were signed by another key."""
        other = self.programs.fixtures / "kubeadm" / "rsa-2048" / "pki" / "sa.pub"
        return self.file("pki/old.pub", other.read_text()).api_server(
            "--service-account-key-file=/etc/kubernetes/pki/sa.pub",
            "--service-account-key-file=/etc/kubernetes/pki/old.pub",
        )

    def told(self, *arguments):
        self.arguments += arguments
        return self

    def with_cluster_info(self):
        path = self.programs.file("info.yaml", CLUSTER_INFO.encode())
        self.kubelet = KUBELET
        return self.told("--cluster-info", path)


def provider(kind, *keys):
    keys = ", ".join(f"{{name: {name!r}, secret: {secret}}}" for name, secret in keys)
    return f"{{{kind}: {{keys: [{keys}]}}}}"


IDENTITY = "{identity: {}}"


def cases(programs):
    """Clusters by name."""
    def cluster(*arguments):
        return Case(programs, *arguments)

    admission, authorization = "--admission-control-config-file", "--authorization-config"
    found = {f"kubeadm/{name}": cluster(name) for name in kubeadm_fixtures(programs)}
    found |= {
        "secretbox key2": cluster().encrypting([provider("secretbox", ("key2", FIRST)), IDENTITY]),
        "secretbox key2 without identity": cluster().encrypting(
            [provider("secretbox", ("key2", FIRST))]
        ),
        "aescbc key1": cluster().encrypting([provider("aescbc", ("key1", FIRST)), IDENTITY]),
        "secretbox key2 before aescbc key1": cluster().encrypting(
            [provider("secretbox", ("key2", FIRST)), provider("aescbc", ("key1", SECOND)), IDENTITY]
        ),
        "aescbc of another name": cluster().encrypting(
            [provider("aescbc", ("prod-2023", FIRST)), IDENTITY]
        ),
        "identity before two keys of secretbox": cluster().encrypting(
            [IDENTITY, provider("secretbox", ("b", FIRST), ("a", SECOND))]
        ),
        "three providers and wildcards": cluster().encrypting(
            [provider("aesgcm", ("1", FIRST)), provider("secretbox", ("x", SECOND)), IDENTITY],
            "'*.*', secrets",
        ),
        "identity alone": cluster().encrypting([IDENTITY]),
        "two issuers": cluster().api_server(
            "--service-account-issuer=https://first.example.org/a/path",
            "--service-account-issuer=https://second.example.org",
            "--api-audiences=https://first.example.org,vault",
        ),
        "the endpoint as issuer": cluster().api_server(f"--service-account-issuer={ENDPOINT}"),
        "an old service-account key": cluster().with_old_key(),
        "an old CA": cluster().accepting("ca.crt"),
        "an old front-proxy CA": cluster().accepting("front-proxy-ca.crt"),
        "networks": cluster().api_server("--service-cluster-ip-range=10.100.0.0/16,fd00:1::/112").flags(
            "kube-controller-manager", "--cluster-cidr=10.20.0.0/16,fd00:2::/56",
            "--service-cluster-ip-range=10.100.0.0/16,fd00:1::/112", "--allocate-node-cidrs=true",
        ),
        "an admission plugin": cluster().named(admission, "a.yaml", ADMISSION + EVENT_RATE_LIMIT),
        "two admission plugins": cluster().named(
            admission, "a.yaml", ADMISSION + POD_SECURITY + EVENT_RATE_LIMIT
        ),
        "admission in another order": cluster().named(
            admission, "a.yaml", ADMISSION + EVENT_RATE_LIMIT + POD_SECURITY
        ),
        "an audit policy": cluster().named("--audit-policy-file", "audit.yaml", AUDIT),
        "Talos's audit policy and more": cluster().named(
            "--audit-policy-file", "audit.yaml", AUDIT_AND_MORE
        ),
        "a scheduler's configuration": cluster().flags(
            "kube-scheduler", "--config=/etc/kubernetes/s.yaml"
        ).file("s.yaml", SCHEDULER),
        "a webhook before RBAC": cluster().named(
            authorization, "authz.yaml", AUTHORIZATION + NODE + WEBHOOK + RBAC
        ),
        "a webhook behind RBAC": cluster().named(
            authorization, "authz.yaml", AUTHORIZATION + NODE + RBAC + WEBHOOK
        ),
        "authentication": cluster().named(
            "--authentication-config", "authn.yaml", AUTHENTICATION
        ),
        "OIDC": cluster().api_server(
            "--oidc-issuer-url=https://id.example.org", "--oidc-client-id=kube",
            "--oidc-username-claim=email", "--oidc-groups-claim=groups",
        ),
        "anonymous": cluster().api_server("--anonymous-auth=true"),
        "feature gates and flags": cluster().api_server(
            "--feature-gates=ContextualLogging=true,AllAlpha=false", "--max-requests-inflight=1000", "--event-ttl=24h"
        ).flags("kube-controller-manager", "--node-cidr-mask-size=25", "--feature-gates=ContextualLogging=true"),
        "another port": cluster().api_server("--secure-port=8443"),
        "etcd's flags": cluster().flags("etcd", "--quota-backend-bytes=8589934592"),
        "TLS of servers": cluster().api_server("--tls-min-version=VersionTLS13").flags(
            "etcd", "--tls-min-version=TLS1.3"
        ),
        "what the cluster says": cluster().with_cluster_info(),
        "a disk": cluster().told("--install-disk", "/dev/disk/by-id/nvme-a_b:1"),
        "no disk": cluster().told("--install-disk="),
        "an image": cluster().told("--install-image", "example.org/installer:v1"),
        "more names": cluster().told("--additional-sans", "192.0.2.9,more.example.org"),
        "no discovery": cluster().told("--with-cluster-discovery=false"),
        "KubeSpan": cluster().told("--with-kubespan"),
        "everything": everything(cluster("rsa-2048")),
    }
    return found


def everything(case):
    """All that can be in one cluster."""
    case.encrypting([IDENTITY, provider("secretbox", ("b", FIRST), ("a", SECOND))])
    case.named("--admission-control-config-file", "a.yaml", ADMISSION + EVENT_RATE_LIMIT)
    case.named("--audit-policy-file", "audit.yaml", AUDIT)
    case.named("--authorization-config", "authz.yaml", AUTHORIZATION + WEBHOOK + NODE + RBAC)
    case.flags("kube-scheduler", "--config=/etc/kubernetes/s.yaml").file("s.yaml", SCHEDULER)
    case.accepting("ca.crt").accepting("front-proxy-ca.crt").with_cluster_info()
    case.api_server(
        "--service-account-issuer=https://first.example.org",
        "--service-account-issuer=https://second.example.org",
    )
    return case.told("--install-disk", "/dev/vda", "--with-kubespan", "--additional-sans", "a.example.org")


def kubeadm_fixtures(programs):
    return sorted(path.name for path in (programs.fixtures / "kubeadm").iterdir())


def every_cluster(programs, group):
    """The patches of every cluster make its complete configurations, or it is refused by both ways
    for the same reason."""
    wanted = [
        (name, case, contract) for name, case in cases(programs).items() for contract in CONTRACTS
    ]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        made = list(pool.map(lambda each: convert_both(programs, *each), wanted))
    possible = dict.fromkeys(CONTRACTS, 0)
    requests = []
    for (name, _, contract), (complete, patched, asked) in zip(wanted, made):
        group.expect(f"{name} {contract}", complete.returncode, patched.returncode)
        if complete.returncode > 1:
            group.fail(f"{name} {contract}", said(complete))
        elif asked:
            possible[contract] += 1
            requests += asked
    for contract, least in LEAST_POSSIBLE.items():
        problem = None if possible[contract] >= least else f"only {possible[contract]} are possible"
        group.check(f"clusters for {contract}", problem)
    check(programs, group, requests)
    started = [each for each, (_, _, asked) in zip(wanted, made) if asked and each[2] in nodes.NODES]
    check_nodes(programs, group, started, requests)


def check_nodes(programs, group, started, requests):
    """Starts the control plane of every cluster whose CAs are of elliptic curves: with RSA, a node
    makes keys for half a minute."""
    folders = {asked["name"]: asked["complete"].parent for asked in requests}
    wanted = [
        (name, case, contract, folders[f"{name} {contract} worker"])
        for name, case, contract in started
        # The older contract leaves it to a person to name a disk.
        if case.fixture in ELLIPTIC and (contract == "v1.14" or "--install-disk=" not in case.arguments)
    ]
    flags = nodes.Flags(programs)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        found = pool.map(
            lambda each: nodes.problems(programs, flags, each[1], each[3], each[2]), wanted
        )
    for (name, _, contract, _), problems in zip(wanted, found):
        for what, problem in problems.items():
            group.check(f"{name} {contract}: {what}", problem)


def convert_both(programs, name, case, contract):
    """Converts into complete configurations and into patches, and gives both runs, and the requests
    to compare them. What is made anew each time is in neither patch, so they fit both bundles."""
    arguments = ["--talos-version", contract]
    if "--cluster-info" not in case.arguments:
        arguments += ["--endpoint", ENDPOINT]
    arguments = at_fixture_time(*arguments, *case.arguments)
    whole, parts = programs.folder(), programs.folder()
    complete = programs.talos_pki("convert", case.folder, "-o", whole, *arguments)
    patched = programs.talos_pki("convert", case.folder, "-o", parts, "--patches", *arguments)
    if complete.returncode != 0 or patched.returncode != 0:
        return complete, patched, []
    command = (parts / "MIGRATION.md").read_text()
    asked = [
        {
            "name": f"{name} {contract} {machine}",
            "contract": contract,
            "bundle": whole / "secrets.yaml",
            "machine": machine,
            **told_to_talosctl(command),
            "patch": parts / f"{machine}.patch.yaml",
            "complete": whole / f"{machine}.yaml",
        }
        for machine in MACHINES
    ]
    return complete, patched, asked


def told_to_talosctl(runbook):
    """What the runbook tells talosctl, beside files and defaults."""
    image = "factory.talos.dev/metal-installer/"
    image += "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:v1.14.1"
    (line,) = re.findall(r"^talosctl gen config ((?:.*\\\n)*.*)", runbook, re.MULTILINE)
    name, endpoint, *flags = shlex.split(line.replace("\\\n", ""))
    values = dict(zip(flags[::2], flags[1::2]))
    return {
        "cluster": name,
        "endpoint": endpoint,
        "kubernetes_version": values["--kubernetes-version"],
        "install_image": image,
    }


def check(programs, group, requests):
    """Puts requests before both versions of the judge, but before the older one only those for
    itself and what was before it."""
    for tool, program in programs.talos.items():
        fitting = [asked for asked in requests if tool == "talos-1.14" or asked["contract"] != "v1.14"]
        lines = "".join(json.dumps(asked, default=str) + "\n" for asked in fitting)
        ran = subprocess.run(
            [program, "check-patches"], input=lines, stdout=subprocess.PIPE, text=True
        )
        verdicts = [json.loads(line) for line in ran.stdout.splitlines()]
        if len(verdicts) != len(fitting):
            group.fail(tool, f"{len(fitting)} requests, {len(verdicts)} verdicts")
        for verdict in verdicts:
            problem = None if verdict["ok"] else "; ".join(verdict["problems"]) or "not ok"
            group.check(f"{verdict['name']} by {tool}", problem)
