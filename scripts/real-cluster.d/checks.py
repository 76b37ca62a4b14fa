"""The checks: that neither side loses anything while an old and a new control plane run side by
side, nor when the old one is gone.

Each has a name that says what is read, and by whom; it gives what is wrong, or nothing. A check
that breaks off has failed, so a server that does not answer is no exception.
"""

import ipaddress

import manifest
from contents import ACCOUNT, BOOTSTRAP_TOKEN, USERS, claims, new_object
from etcd_api import EtcdRefused, encryption_of
from kubernetes_api import Client, Refused, eventually
from old_cluster import HOST
from transport import Unreachable

ACCOUNT_USER = f"system:serviceaccount:default:{ACCOUNT}"


class Checks:
    """All of one migration: `old` and `new` are the two control planes, `contents` what was there
    before, and `patience` how long news may take to reach a server, in seconds."""

    def __init__(self, old, new, contents, patience=20):
        self.patience = patience
        self.old = old
        self.new = new
        self.contents = contents
        self.stored = old.stage.stored
        self.written = []
        self.minted = []

    def side_by_side(self):
        """While both run."""
        old, new = self.old, self.new
        tokens, new_token = self.contents.tokens, new.bootstrap_token()
        old_api, new_api = old.api(old.admin()), new.api(old.admin())
        return [
            ("old tokens, new API server", lambda: self.tokens_are_taken(tokens, new)),
            ("new tokens, old API server", self.new_tokens),
            ("old certificates, new API server", lambda: self.clients_are_known(new)),
            ("new certificate, old API server", lambda: who(old.api(new.admin()), "talos:admin")),
            ("old front proxy, new API server", lambda: front_proxy(old, new)),
            ("new front proxy, old API server", lambda: front_proxy(new, old)),
            ("old bootstrap token, new API server", lambda: self.joins(new, BOOTSTRAP_TOKEN)),
            ("new bootstrap token, new API server", lambda: self.joins(new, new_token)),
            ("new bootstrap token, old API server", lambda: self.joins(old, new_token)),
            ("names and ranges", self.names_and_ranges),
            ("old objects, new API server", lambda: self.read_all(new_api)),
            # Last: a server that cannot read what another wrote has trouble with all Secrets.
            ("later objects, new API server", lambda: self.passed_on(old_api, new_api, "later")),
            ("new objects, old API server", lambda: self.passed_on(new_api, old_api, "new")),
            ("new objects, in etcd", self.encrypted_as_before),
        ]

    def alone(self):
        """After the old one is gone."""
        new = self.new
        api = new.api(self.old.admin())
        objects = [*self.contents.objects, *self.written]
        tokens = [*self.contents.tokens, *self.minted]
        return [
            ("all objects, alone", lambda: first_problem(one.problem(api) for one in objects)),
            ("all tokens, alone", lambda: self.tokens_are_taken(tokens, new)),
            ("old certificates, alone", lambda: self.clients_are_known(new)),
            ("old front proxy, alone", lambda: front_proxy(self.old, new)),
            ("a write, alone", lambda: self.passed_on(api, api, "alone")),
            ("etcd, alone", self.sole_member),
        ]

    # Objects.

    def read_all(self, api):
        return first_problem(one.problem(api) for one in self.contents.objects)

    def passed_on(self, writer, reader, name):
        """What one writes, another reads."""
        fresh = [new_object(kind, f"{kind}-{name}") for kind in self.stored]
        for one in fresh:
            self.written.append(one)
            one.write(writer)
        return first_problem(one.problem(reader) for one in fresh)

    def encrypted_as_before(self):
        """What the new API server wrote lies in etcd as what the old one wrote."""
        etcd = self.old.etcd()
        for one in self.written:
            found = encryption_of(etcd.stored(one.key))
            if found != self.stored[one.kind]:
                return f"{one.kind} {one.name} is {found}, not {self.stored[one.kind]}"
        return None if self.written else "nothing was written"

    # Tokens.

    def tokens_are_taken(self, tokens, by):
        for token in tokens:
            problem = who(by.api(Client("a pod", token=token)), ACCOUNT_USER)
            if problem:
                return problem
            reviewed = by.api(self.old.admin()).review(token)
            if reviewed != ACCOUNT_USER:
                return f"TokenReview says {reviewed}"
        return None if tokens else "there are no tokens"

    def new_tokens(self):
        """Taken by the old one, and with the issuer and audiences that others are used to."""
        token = self.new.api(self.old.admin()).mint(ACCOUNT)
        self.minted.append(token)
        usual, found = claims(self.old.api(self.old.admin()).mint(ACCOUNT)), claims(token)
        for claim in ["iss", "aud"]:
            if usual[claim] != found[claim]:
                return f"{claim} is {found[claim]}, not {usual[claim]}"
        return self.tokens_are_taken([token], self.old)

    # Clients.

    def clients_are_known(self, by):
        """By the names that are in their certificates."""
        clients = self.contents.clients
        return first_problem(who(by.api(client), USERS[client.name]) for client in clients)

    def joins(self, plane, token):
        """Whether a kubelet can introduce itself by a bootstrap token, which a server hears of with
        some delay."""
        name = token.split(".")[0]
        api = plane.api(Client("a new node", token=token))
        return eventually(lambda: who(api, f"system:bootstrap:{name}"), self.patience)

    # The network.

    def names_and_ranges(self):
        """The new API server answers to the names that clients call, and hands out addresses of
        the same range."""
        case = self.old.case
        service = "kubernetes.default.svc"
        for name in [HOST, service, f"{service}.{case.domain}", first_address(case.services)]:
            self.new.api(self.old.admin(), name).who_am_i()
        usual, found = (manifest.values(flags, "service-cluster-ip-range") for flags in [
            self.old.api_server_flags(), self.new.flags["kube-apiserver"],
        ])
        return None if usual == found else f"services are in {found}, not in {usual}"

    def sole_member(self):
        members = [member["name"] for member in self.new.etcd().members()]
        return None if members == ["talos-1"] else f"the members are {members}"


def who(api, expected):
    """Whether a server takes a client for somebody."""
    found = api.who_am_i()
    return None if found == expected else f"{api.client.name} is {found}, not {expected}"


def front_proxy(client, server):
    """Whether a server believes the front proxy of a control plane who its users are."""
    return who(server.api(client.front_proxy_client()), "alice")


def first_problem(problems):
    return next((problem for problem in problems if problem), None)


def first_address(services):
    return str(next(ipaddress.ip_network(services).hosts()))


def outcome(check):
    """What is wrong, or None."""
    try:
        return check()
    except (Refused, Unreachable, EtcdRefused) as error:
        return str(error)
