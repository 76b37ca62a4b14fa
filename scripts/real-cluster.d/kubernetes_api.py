"""The Kubernetes API as somebody with a certificate, a token or a front proxy sees it."""

import dataclasses
import time

from transport import Unreachable, ask

#: Asks the server who it takes us for. Everybody who is somebody may.
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


@dataclasses.dataclass(frozen=True)
class Client:
    """A way to prove who one is, and the name that it gives."""

    name: str
    certificate: tuple = None
    token: str = None
    headers: tuple = ()


class Refused(Exception):
    """The server answered, and not with what was asked for."""


class Api:
    """One API server to one client."""

    def __init__(self, endpoint, client):
        self.endpoint = endpoint
        self.client = client

    def request(self, method, path, body=None, headers=()):
        headers = {**dict(self.client.headers), **dict(headers)}
        if self.client.token is not None:
            headers["Authorization"] = f"Bearer {self.client.token}"
        return ask(self.endpoint, method, path, body, self.client.certificate, headers)

    def must(self, method, path, body=None, headers=()):
        """The answer, where it is one of success."""
        status, answer = self.request(method, path, body, headers)
        if status >= 300:
            why = answer.get("message", "") if isinstance(answer, dict) else answer
            raise Refused(f"{method} {path}: {status} {why[:200]}")
        return answer

    def is_ready(self):
        return self._says_ok("/readyz")

    def is_alive(self):
        """Whether it answers at all, ready or not."""
        return self._says_ok("/livez/ping")

    def _says_ok(self, path):
        try:
            return self.request("GET", path)[0] == 200
        except Unreachable:
            return False

    def who_am_i(self):
        """The name of the user that the server takes us for."""
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        return self.must("POST", WHO, body)["status"]["userInfo"]["username"]

    def apply(self, collection, manifest):
        """Makes an object of a manifest in YAML."""
        self.must("POST", collection, manifest, {"Content-Type": "application/yaml"})

    def mint(self, account):
        """A token of a service account in the namespace `default`."""
        path = f"/api/v1/namespaces/default/serviceaccounts/{account}/token"
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        return self.must("POST", path, body)["status"]["token"]

    def review(self, token):
        """The user that the server takes the bearer of a token for."""
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": token},
        }
        status = self.must("POST", "/apis/authentication.k8s.io/v1/tokenreviews", body)["status"]
        if not status.get("authenticated"):
            raise Refused(f"TokenReview: {status.get('error', 'not authenticated')[:200]}")
        return status["user"]["username"]


def eventually(attempt, patience=15):
    """Tries again for a while: some of a server's knowledge comes seconds after it is ready."""
    end = time.monotonic() + patience
    while True:
        try:
            return attempt()
        except (Refused, Unreachable):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
