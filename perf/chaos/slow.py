#!/usr/bin/env python3
"""Attacks the gateway slowly, and shows whether a good client still gets its answers and what memory that takes.

  slow.py [--connections 1000] [--seconds 20] [--idle 20000] [--attack headers|body|read]... [--smoke]

The attacks are slowhttptest's (-H, -B, -X). --idle holds so many connections idle instead, which needs `ulimit -n` to
be twice as large. Ends with 1 when the good client had to wait for more than two seconds, or was refused.
"""
import argparse
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from gateway import built  # noqa: E402
from harness.lineup import free_ports  # noqa: E402
from harness.processes import Child, raise_file_limit  # noqa: E402

BIG_BYTES = 1_000_000
GOOD_EVERY_SECONDS = 0.05
PATIENCE_SECONDS = 2

ATTACKS = {
    # A head, and a body, that never end; answers taken a few bytes at a time.
    "headers": ["-H", "-i", "5", "-t", "GET", "-x", "24"],
    "body": ["-B", "-i", "5", "-t", "POST", "-s", "8192", "-x", "10"],
    "read": ["-X", "-n", "5", "-z", "32", "-w", "256", "-y", "512", "-k", "3"],
}


class GoodClient(threading.Thread):
    """One request after the other, each on a new connection, as long as the attack lasts."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self._port = port
        self._stopping = False
        self.waits = []
        self.failures = 0

    def stop(self):
        self._stopping = True
        self.join()

    def run(self):
        while not self._stopping:
            begun = time.monotonic()
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE_SECONDS) as client:
                    client.sendall(b"GET /good HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    answer = b""
                    while piece := client.recv(4096):
                        answer += piece
                if not answer.startswith(b"HTTP/1.1 200 "):
                    self.failures += 1
            except OSError:
                self.failures += 1
            self.waits.append(time.monotonic() - begun)
            time.sleep(GOOD_EVERY_SECONDS)


def start(folder, port, connections):
    file = os.path.join(folder, "gateway.json")
    with open(file, "w") as config:
        json.dump({
            "listeners": [{"name": "clients", "address": f"127.0.0.1:{port}"}],
            "admin": {"address": f"127.0.0.1:{port + 1}"},
            "accessLog": {"to": "off"},
            "limits": {"connections": connections + 1000, "idleTimeout": "10m"},
            "routes": [
                {"match": {"path": "/good"}, "to": {"mock": {"body": "good"}}},
                {"match": {"path": "/big"}, "to": {"mock": {"body": "b" * BIG_BYTES}}},
            ],
        }, config)
    command = ["dotnet", os.path.join(built(), "dataplane.dll"), "run", "--config", file]
    return Child("dataplane", command, port + 1, os.path.join(folder, "dataplane.log"))


def judge(title, gateway, before, peak, client, cpu_before=0.0):
    worst = max(client.waits)
    held = client.failures == 0 and worst < PATIENCE_SECONDS
    print(f"{title}: {len(client.waits)} good requests, {client.failures} failed, the slowest took {worst * 1000:.0f} ms; "
          f"memory {before // 1024} MiB before, {peak // 1024} at most, {gateway.pss_kib() // 1024} after; "
          f"{sum(gateway.cpu_seconds()) - cpu_before:.1f} s of CPU")
    return held


def attack(name, options, gateway, port):
    before = peak = gateway.pss_kib()
    cpu_before = sum(gateway.cpu_seconds())
    client = GoodClient(port)
    client.start()
    path = "big" if name == "read" else "good"
    tool = subprocess.Popen(
        ["slowhttptest", *ATTACKS[name], "-c", str(options.connections), "-r", str(options.connections // 4 + 1),
         "-l", str(options.seconds), "-p", str(PATIENCE_SECONDS), "-u", f"http://127.0.0.1:{port}/{path}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while tool.poll() is None:
            peak = max(peak, gateway.pss_kib())
            time.sleep(0.5)
    finally:
        if tool.poll() is None:
            tool.kill()
        client.stop()
    return judge(f"{name}, {options.connections} connections", gateway, before, peak, client, cpu_before)


def hold_idle(count, gateway, port):
    before = gateway.pss_kib()
    connections = []
    try:
        for _ in range(count):
            each = socket.create_connection(("127.0.0.1", port), timeout=10)
            each.sendall(b"GET /good HTTP/1.1\r\nHost: a\r\n\r\n")
            each.recv(4096)
            connections.append(each)
        client = GoodClient(port)
        client.start()
        time.sleep(5)
        client.stop()
        peak = gateway.pss_kib()
        for each in connections:
            each.setblocking(False)
        closed = sum(1 for each in connections if is_closed(each))
        print(f"{count} idle: {(peak - before) / count:.2f} KiB each, {closed} closed")
        held = judge(f"{count} idle connections", gateway, before, peak, client)
        return held and closed == 0
    finally:
        for each in connections:
            each.close()


def is_closed(connection):
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20, help="length of an attack")
    parser.add_argument("--attack", action="append", choices=list(ATTACKS), help="only these")
    parser.add_argument("--idle", type=int, default=0)
    parser.add_argument("--smoke", action="store_true", help="200 connections, five seconds each")
    options = parser.parse_args()
    if options.smoke:
        options.connections, options.seconds = 200, 5
    raise_file_limit()
    folder = tempfile.mkdtemp(prefix="dataplane-slow-")
    gateway = None
    try:
        port = free_ports(2)
        gateway = start(folder, port, max(options.connections, options.idle))
        if options.idle:
            return 0 if hold_idle(options.idle, gateway, port) else 1
        return 0 if all([attack(name, options, gateway, port) for name in options.attack or ATTACKS]) else 1
    except (RuntimeError, OSError) as error:
        print(f"slow.py: {error}", file=sys.stderr)
        return 1
    finally:
        if gateway:
            gateway.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
