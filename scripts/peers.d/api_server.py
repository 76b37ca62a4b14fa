"""The real kube-apiserver and etcd, on this machine alone."""

import base64
import json
import re
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

#: Seconds until the server has to be ready.
PATIENCE = 120


class ApiServer:
    """A kube-apiserver with the PKI of a cluster. It ends with the `with` block."""

    def __init__(self, programs, pki):
        self.folder = programs.folder()
        self.programs = programs
        self.pki = pki
        self.running = []
        self.url = f"https://127.0.0.1:{free_port()}"

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Starts both programs and waits until the server is ready."""
        etcd, peers = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.run(
            "etcd",
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={etcd}",
            f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
        )
        self.run(
            "kube-apiserver",
            f"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self.url.rpartition(':')[2]}",
            "--advertise-address=192.0.2.10",
            f"--cert-dir={self.folder / 'made'}",
            f"--tls-cert-file={self.pki / 'apiserver.crt'}",
            f"--tls-private-key-file={self.pki / 'apiserver.key'}",
            f"--client-ca-file={self.pki / 'ca.crt'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self.pki / 'sa.pub'}",
            f"--service-account-signing-key-file={self.pki / 'sa.key'}",
            "--service-cluster-ip-range=10.96.0.0/12",
            "--authorization-mode=Node,RBAC",
        )
        trusting = ssl.create_default_context(cafile=self.pki / "ca.crt")
        trusting.load_cert_chain(
            self.pki / "apiserver-kubelet-client.crt", self.pki / "apiserver-kubelet-client.key"
        )
        end = time.monotonic() + PATIENCE
        while not is_ready(f"{self.url}/readyz", trusting):
            ended = [process for process in self.running if process.poll() is not None]
            if ended or time.monotonic() > end:
                raise RuntimeError(f"the server is not ready: {self.last_words()}")
            time.sleep(0.3)

    def run(self, tool, *arguments):
        """Starts a program."""
        with open(self.folder / f"{tool}.log", "wb") as log:
            self.running.append(
                subprocess.Popen(
                    [self.programs.peer(tool), *arguments],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                )
            )

    def stop(self):
        """Ends both programs, the server first."""
        for process in reversed(self.running):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running = []

    def last_words(self):
        """The end of what the programs said."""
        logs = sorted(self.folder.glob("*.log"))
        return "; ".join(f"{log.name}: {log.read_bytes()[-300:]!r}" for log in logs)

    def user(self, kubeconfig):
        """The HTTP status, and whom the server takes the client of a kubeconfig for; `untrusted` if
        the client does not trust the server."""
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        try:
            status, answer = self.request(kubeconfig, path, json.dumps(review).encode())
        except urllib.error.URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                return "untrusted"
            raise
        user = answer.get("status")
        user = user.get("userInfo", {}) if isinstance(user, dict) else {}
        return status, user.get("username"), user.get("groups")

    def status(self, kubeconfig, path):
        """The HTTP status of a question."""
        return self.request(kubeconfig, path)[0]

    def request(self, kubeconfig, path, data=None, form="application/json"):
        """Asks the server with the credentials of a kubeconfig, at the address in it. What is sent
        has the media type `form`."""
        text = kubeconfig.read_text()
        found = dict(re.findall(r"(server|[a-z-]+-data): (\S+)$", text, re.MULTILINE))
        files = {}
        for name in ("certificate-authority", "client-certificate", "client-key"):
            decoded = base64.b64decode(found[f"{name}-data"], validate=True)
            files[name] = self.programs.file(name, decoded)
        context = ssl.create_default_context(cafile=files["certificate-authority"])
        context.load_cert_chain(files["client-certificate"], files["client-key"])
        request = urllib.request.Request(f"{found['server']}{path}", data)
        request.add_header("Content-Type", form)
        try:
            with urllib.request.urlopen(request, context=context, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


def is_ready(url, context):
    """Whether the server says that it is."""
    try:
        with urllib.request.urlopen(url, context=context, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
