"""HTTPS to a server on 127.0.0.1 that is called by another name in its certificate."""

import http.client
import json
import socket
import ssl


class Endpoint:
    """Where a server listens and what it has to prove."""

    def __init__(self, port, name, authorities):
        self.port = port
        self.name = name
        self.authorities = authorities


class Unreachable(Exception):
    """No answer: nobody listens, or one side does not trust the other."""


def ask(endpoint, method, path, body=None, certificate=None, headers=None):
    """One request: the status and the answer. `certificate` is a pair of files; a body that is no
    text is sent as JSON."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(endpoint.authorities)
    if certificate is not None:
        context.load_cert_chain(*certificate)
    try:
        with socket.create_connection(("127.0.0.1", endpoint.port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname=endpoint.name) as secured:
                connection = http.client.HTTPConnection(endpoint.name)
                connection.sock = secured
                text = json.dumps(body) if isinstance(body, dict) else body
                usual = {"Content-Type": "application/json", "Accept": "application/json"}
                connection.request(method, path, text, {**usual, **(headers or {})})
                answer = connection.getresponse()
                return answer.status, parsed(answer.read())
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{endpoint.name}:{endpoint.port}: {error}") from None


def parsed(text):
    """JSON, or the text where a server answers in plain words."""
    try:
        return json.loads(text)
    except ValueError:
        return text.decode(errors="replace")
