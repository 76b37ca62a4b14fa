"""Servers that run for a while: where they listen, when they are ready, and that they end.

Every server is ended by its own process id, whatever happens: `stop_all` is called when the run
ends, and after that none can be started any more.
"""

import itertools
import pathlib
import random
import re
import socket
import subprocess
import threading
import time

#: How long a server may take to answer. With two cores and several cases at once it is seconds.
PATIENCE = 90

#: Below the ports that the system gives to clients, so that no client takes one in between.
PORTS = range(20000, 32000)

#: A line of a log that is more than news: as Kubernetes writes it, as etcd does, or as Go does.
COMPLAINT = re.compile(r"""^[EF]\d{4} |"level":"(error|fatal|panic)"|^Error: |^panic: """)

_ports = itertools.cycle(PORTS[random.randrange(len(PORTS)) :] or PORTS)
_turn = threading.Lock()
_running = []
_over = threading.Event()


def free_port():
    """A port of 127.0.0.1 on which nothing listens, and that is given to nobody else."""
    with _turn:
        for port in _ports:
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    continue


class Server:
    """A process, and the file with what it says."""

    def __init__(self, name, program, flags, log):
        self.name = name
        self.log = pathlib.Path(log)
        with _turn:
            if _over.is_set():
                raise RuntimeError("the run is over")
            with self.log.open("ab") as output:
                self.process = subprocess.Popen(
                    [program, *flags],
                    stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={},
                )
            _running.append(self)

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        """Ends it as an orderly machine would, or at once if it does not listen."""
        if self.is_running():
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.kill()
        self._forget()

    def kill(self):
        """Ends it at once, as a machine that loses its power."""
        self.process.kill()
        self.process.wait()
        self._forget()

    def _forget(self):
        with _turn:
            if self in _running:
                _running.remove(self)

    def wait_until(self, is_ready, patience=PATIENCE):
        """Waits for an answer. Gives what is wrong, or None."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if not self.is_running():
                return f"{self.name} ended with status {self.process.returncode}"
            if is_ready():
                return None
            time.sleep(0.1)
        return f"{self.name} was not ready after {patience} s"

    def last_words(self, lines=6):
        """The last complaints in its log, for a failure. Servers log no keys and no tokens."""
        said = self.log.read_text(errors="replace").splitlines()
        complaints = [line for line in said if COMPLAINT.search(line)]
        return [f"{self.log.name}: {line[:240]}" for line in complaints[-lines:]]


def stop_all():
    """Ends every server that still runs, at once, and lets none be started any more."""
    _over.set()
    with _turn:
        running = list(_running)
    for server in running:
        server.kill()
