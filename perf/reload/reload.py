#!/usr/bin/env python3
"""What applying 10,000 routes costs those who are being served meanwhile.

  reload.py [--routes 10000] [--rate 5000] [--clients 10] [--gap 3] [--apply same|one|all]... [--folder BUILD]

Starts a Release build of the gateway on loopback with a configuration of so many routes, and applies others with
PUT /config while h2load sends at a fixed rate to a mock of the same configuration: the same one again, one in which a
single route is another one, one in which every route is. A request that was due while its connection waited counts with
the time it would have waited.
"""
import argparse
import http.client
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "chaos"))
import gateway as gateways  # noqa: E402
import routes  # noqa: E402
from harness.lineup import free_ports  # noqa: E402
from harness.load import rank  # noqa: E402
from harness.processes import Child  # noqa: E402

LATE_MS = 5.0
WINDOW_SECONDS = 1.0


def put(admin_port, text):
    """Seconds until the answer, which comes when the configuration serves."""
    connection = http.client.HTTPConnection("127.0.0.1", admin_port, timeout=60)
    connection.connect()
    start = time.time()
    connection.request("PUT", "/config", body=text.encode(), headers={"If-Match": "*"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"PUT /config: {answer.status} {body[:500]}")
    return start, time.time() - start


def collector_pause(admin_port):
    """Seconds all threads stood still since the start."""
    connection = http.client.HTTPConnection("127.0.0.1", admin_port, timeout=60)
    connection.request("GET", "/metrics")
    for line in connection.getresponse().read().decode().splitlines():
        if line.startswith("dotnet_gc_pause_time_seconds"):
            return float(line.split()[1])
    return 0.0


def corrected(log_path, interval_ms):
    """(when it was due, ms), sorted: with the requests that stood in line behind a slow one."""
    rows = []
    with open(log_path) as log:
        for line in log:
            start_us, status, duration_us = line.split("\t")[:3]
            if status != "200":
                raise RuntimeError(f"a request was answered {status}")
            due, waited = int(start_us) / 1e6, int(duration_us) / 1000
            rows.append((due, waited))
            while waited > interval_ms:
                due, waited = due + interval_ms / 1000, waited - interval_ms
                rows.append((due, waited))
    return sorted(rows)


def line(name, rows):
    ordered = sorted(each for _, each in rows)
    if not ordered:
        return f"{name:24} no requests"
    late = sum(each > LATE_MS for each in ordered)
    ranks = "  ".join(f"p{share * 100:g} {rank(ordered, share):7.2f}" for share in (0.5, 0.99, 0.999))
    return f"{name:24} {ranks}  most {ordered[-1]:7.2f} ms  later than 5 ms {late} of {len(ordered)}"


def measure(options, folder, port, admin_port):
    others, one = 0, 0

    def text(kind, turn):
        nonlocal others, one
        if kind != "same":
            one = turn + 1
        if kind == "all":
            others = one
        return routes.configuration(options.routes, port, admin_port, others, one)

    file = os.path.join(folder, "gateway.yaml")
    pathlib.Path(file).write_text(text("same", 0))
    build = options.folder or gateways.built()
    command = ["dotnet", os.path.join(build, "dataplane.dll"), "run", "--config", file]
    child = Child("dataplane", command, admin_port, os.path.join(folder, "dataplane.log"))
    try:
        print(f"PSS before {child.pss_kib() / 1024:.0f} MiB")
        log_path = os.path.join(folder, "requests.log")
        seconds = round(options.gap * (len(options.apply) + 1)) + 1
        load = subprocess.Popen(
            ["h2load", "--h1", "--threads", "1", "--clients", str(options.clients), "--duration", str(seconds),
             "--rps", f"{options.rate / options.clients:.3f}", "--log-file", log_path, f"http://127.0.0.1:{port}/ping"],
            stdout=subprocess.DEVNULL)
        time.sleep(options.gap)
        applied = []
        for turn, kind in enumerate(options.apply):
            body = text(kind, turn)
            user, system = child.cpu_seconds()
            pause = collector_pause(admin_port)
            start, took = put(admin_port, body)
            time.sleep(max(0.0, options.gap - took))
            pause = collector_pause(admin_port) - pause
            applied.append((kind, start, took, pause))
        load.wait()
        rows = corrected(log_path, 1000 * options.clients / options.rate)
        first = applied[0][1] if applied else rows[-1][0]
        print(line("before", [each for each in rows if rows[0][0] + 1 < each[0] < first]))
        for kind, start, took, pause in applied:
            window = [each for each in rows if start <= each[0] < start + max(WINDOW_SECONDS, took + 0.3)]
            print(line(f"{kind}: {took * 1000:.0f} ms, GC {pause * 1000:.0f} ms", window))
        print(line("all", [each for each in rows if rows[0][0] + 1 < each[0]]))
        print(f"PSS after {child.pss_kib() / 1024:.0f} MiB")
    finally:
        child.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--routes", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=5000)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--gap", type=float, default=3)
    parser.add_argument("--apply", action="append", choices=["same", "one", "all"])
    parser.add_argument("--folder", help="where dataplane.dll is; else a Release build is looked for or made")
    options = parser.parse_args()
    options.apply = options.apply or ["all", "all", "one", "one", "one"]
    with tempfile.TemporaryDirectory() as folder:
        port = free_ports(2)
        measure(options, folder, port, port + 1)


if __name__ == "__main__":
    sys.exit(main())
