"""etcd through its HTTPS gateway: its members, and what really lies on its disk."""

import base64
import time

from transport import Unreachable, ask


class EtcdRefused(Exception):
    """etcd answered, and not with what was asked for."""


class Etcd:
    """One member to one client. The name in kubeadm's and Talos's certificates is localhost."""

    def __init__(self, endpoint, certificate):
        self.endpoint = endpoint
        self.certificate = certificate

    def must(self, path, body):
        status, answer = ask(self.endpoint, "POST", f"/v3/{path}", body, self.certificate)
        if status >= 300:
            raise EtcdRefused(f"{path}: {answer}"[:300])
        return answer

    def is_ready(self):
        try:
            return bool(self.must("maintenance/status", {}).get("leader"))
        except (EtcdRefused, Unreachable):
            return False

    def members(self):
        return self.must("cluster/member/list", {})["members"]

    def add_learner(self, peer_url):
        answer = self.must("cluster/member/add", {"peerURLs": [peer_url], "isLearner": True})
        return answer["member"]["ID"]

    def promote(self, member):
        """A learner may vote once it has caught up, which it is asked until it has."""
        self._insist("cluster/member/promote", member)

    def remove(self, member):
        """etcd removes no member before it has seen the others for some seconds."""
        self._insist("cluster/member/remove", member)

    def _insist(self, path, member, patience=30):
        end = time.monotonic() + patience
        while True:
            try:
                return self.must(path, {"ID": member})
            except (EtcdRefused, Unreachable):
                if time.monotonic() > end:
                    raise
                time.sleep(0.3)

    def stored(self, key):
        """The bytes at a key, or None."""
        found = self.must("kv/range", {"key": encoded(key)}).get("kvs", [])
        return base64.b64decode(found[0]["value"]) if found else None

    def delete(self, key):
        self.must("kv/deleterange", {"key": encoded(key)})


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def encryption_of(stored):
    """Provider and key of a stored object as `aescbc/key1`; `identity` if it is not encrypted."""
    if stored is None:
        return "nothing"
    if not stored.startswith(b"k8s:enc:"):
        return "identity"
    _, _, provider, _, key, _ = stored.split(b":", 5)
    return f"{provider.decode()}/{key.decode()}"
