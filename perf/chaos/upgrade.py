#!/usr/bin/env python3
"""Upgrades the gateway under load and counts what clients lose, which must be nothing.

  upgrade.py [--rate 2000] [--upgrades 2] [--transport epoll|sockets] [--smoke]

New connections are opened all the time, one for each request, beside others that are kept and asked without a pause.
docs/operations.md explains what happens. Ends with 1 when a connection was refused or reset, or a request lost.
"""
import argparse
import collections
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from gateway import built  # noqa: E402
from harness.lineup import free_ports  # noqa: E402
from harness.processes import Child, raise_file_limit  # noqa: E402

OPENERS = 16
KEPT = 8
PATIENCE_SECONDS = 60
TAKEN_OVER = re.compile(r"Process (\d+) has taken over")
REQUEST = b"GET /a HTTP/1.1\r\nHost: a\r\n%s\r\n"


class Clients:
    """Answers are counted by their body: which process gave them. Losses are told apart by what happened."""

    def __init__(self, port, rate):
        self.answers = collections.Counter()
        self.losses = collections.Counter()
        self._port = port
        self._interval = OPENERS / rate
        self._stopping = False
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._open_always, args=(number,)) for number in range(OPENERS)]
        self._threads += [threading.Thread(target=self._keep) for _ in range(KEPT)]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stopping = True
        for thread in self._threads:
            thread.join()

    def _open_always(self, number):
        due = time.monotonic() + number * self._interval / OPENERS
        while not self._stopping:
            time.sleep(max(0.0, due - time.monotonic()))
            due = max(due + self._interval, time.monotonic() - 1)
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=10) as client:
                    self._ask(client, b"Connection: close\r\n")
            except OSError as error:
                self._lose(f"new connection: {error.__class__.__name__}")

    def _keep(self):
        while not self._stopping:
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=10) as client:
                    while not self._stopping and self._ask(client, b""):
                        pass
            except OSError as error:
                self._lose(f"kept connection: {error.__class__.__name__}")

    def _ask(self, client, fields):
        """True when the connection may be used again."""
        client.sendall(REQUEST % fields)
        received = b""
        while not received.endswith(b"."):
            piece = client.recv(4096)
            if not piece:
                self._lose("closed without an answer" if not received else "an answer without its end")
                return False
            received += piece
        with self._lock:
            self.answers[received.rsplit(b"\r\n", 1)[1].decode()] += 1
        return b"Connection: close" not in received

    def _lose(self, what):
        with self._lock:
            self.losses[what] += 1


def write(file, port, body, transport, loops):
    with open(file + ".new", "w") as new:
        json.dump({
            "listeners": [{"name": "clients", "address": f"127.0.0.1:{port}"}],
            "admin": {"address": f"127.0.0.1:{port + 1}"},
            "accessLog": {"to": "off"},
            "transport": {"kind": transport, "loops": loops},
            "limits": {"drainTimeout": "10s"},
            "routes": [{"match": {"path": "/a"}, "to": {"mock": {"body": body}}}],
        }, new)
    os.replace(file + ".new", file)


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"in vain waited for {what}")
        time.sleep(0.05)


def is_ready(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port + 1, timeout=5)
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False


def upgrade_all(options, folder, port):
    file = os.path.join(folder, "gateway.json")
    log = os.path.join(folder, "dataplane.log")
    write(file, port, "process 0.", options.transport, loops=2)
    # Without watching, so that a process answers as the configuration was when it started.
    command = ["dotnet", os.path.join(built(), "dataplane.dll"), "run", "--no-watch", "--config", file]
    child = Child("dataplane", command, port + 1, log)
    clients = Clients(port, options.rate)
    try:
        serving, seconds = child.pid, []
        for number in range(1, options.upgrades + 1):
            time.sleep(options.pause)
            # Fewer loops than the one before had sockets, then more.
            write(file, port, f"process {number}.", options.transport, loops=1 + number % 3)
            begun = time.monotonic()
            os.kill(serving, signal.SIGUSR2)
            wait_for(lambda: len(TAKEN_OVER.findall(pathlib.Path(log).read_text())) == number, "the successor")
            seconds.append(time.monotonic() - begun)
            serving = int(TAKEN_OVER.findall(pathlib.Path(log).read_text())[-1])
            wait_for(lambda: clients.answers[f"process {number}."] > 50, "answers of the successor")
        time.sleep(options.pause)
        if not is_ready(port):
            clients.losses["the last process is not ready"] += 1
    finally:
        clients.stop()
        child.stop()
    print(f"{sum(clients.answers.values())} requests: {dict(sorted(clients.answers.items()))}; upgrades took "
          + ", ".join(f"{each:.2f} s" for each in seconds))
    for what, count in clients.losses.items():
        print(f"  lost: {count} x {what}")
    return 1 if clients.losses else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=2000, help="new connections per second")
    parser.add_argument("--upgrades", type=int, default=2)
    parser.add_argument("--pause", type=float, default=3, help="seconds of load before each upgrade")
    parser.add_argument("--transport", choices=["epoll", "sockets"], default="epoll")
    parser.add_argument("--smoke", action="store_true", help="300 connections/s, a second in between")
    options = parser.parse_args()
    if options.smoke:
        options.rate, options.pause = 300, 1
    raise_file_limit()
    folder = tempfile.mkdtemp(prefix="dataplane-upgrade-")
    try:
        return upgrade_all(options, folder, free_ports(2))
    except (RuntimeError, OSError) as error:
        print(f"upgrade.py: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
