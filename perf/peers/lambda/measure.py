#!/usr/bin/env python3
"""A warm Node function that answers 128 bytes, behind the gateway: latency at 1 and at 16 connections, CPU of the whole
process tree per request, memory, and the first request after the start. Memory of an environment is told as its own
with its part of what is shared (PSS), what ends with it (USS) and all that it sees (RSS): most of the last is Node's
program, which the machine has once for all of them; that of a bare node stands beside it.

  measure.py [--peer] [--rounds N] [--seconds N] [--gateway COMMAND]     needs wrk and node, and npm for the peer

With --peer, serverless-offline answers the same function in turn with the gateway. Names that begin with c1 and c16
are of 1 and 16 connections.
"""
import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.dont_write_bytecode = True
import serverless_offline  # noqa: E402

FUNCTION = "const body = 'x'.repeat(128);\nexport const handler = async () => ({ statusCode: 200, body });\n"
CONFIG = """
listeners: [ {{ name: measured, address: "127.0.0.1:{port}" }} ]
admin: {{ address: "127.0.0.1:{admin}" }}
accessLog: {{ to: "file:/dev/null", format: json }}
functions:
  measured:
    {{ runtime: nodejs20.x, code: {code}, handler: index.handler, concurrency: {{ provisioned: {provisioned} }} }}
routes:
  - match: {{ path: "/{{path+}}" }}
    to: {{ function: measured }}
"""


def tree(root):
    """Pids of a process and all its descendants."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    parents[int(entry)] = int(file.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                pass
    found = {root}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        except OSError:
            pass
    return total / os.sysconf("SC_CLK_TCK")


def memory_mib(pid):
    """RSS, PSS and USS of a process."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        kib = {line.split()[0]: int(line.split()[1]) for line in file if line.rstrip().endswith("kB")}
    own = kib["Private_Clean:"] + kib["Private_Dirty:"]
    return kib["Rss:"] / 1024, kib["Pss:"] / 1024, own / 1024


def bare_node_mib():
    """What a node that does nothing has resident."""
    node = subprocess.Popen(["node", "-e", "console.log(1);setInterval(() => {}, 1e9)"], stdout=subprocess.PIPE)
    try:
        node.stdout.readline()
        return memory_mib(node.pid)[0]
    finally:
        node.kill()
        node.wait()


def wrk(url, connections, seconds):
    out = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", url], capture_output=True, text=True, check=True
    ).stdout
    values = {"us": 1e-3, "ms": 1, "s": 1e3}
    p50 = re.search(r"50%\s+([\d.]+)(us|ms|s)", out)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit("requests failed:\n" + out)
    return {
        "p50_ms": round(float(p50[1]) * values[p50[2]], 3),
        "p99_ms": round(float(p99[1]) * values[p99[2]], 3),
        "per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
        "requests": int(re.search(r"(\d+) requests in", out)[1]),
    }


def get(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read()


def allocated_bytes(port):
    page = get(f"http://127.0.0.1:{port + 1}/metrics").decode()
    return float(re.search(r"^dotnet_gc_heap_total_allocated_bytes_total (\S+)", page, re.M)[1])


def requests(port):
    page = get(f"http://127.0.0.1:{port + 1}/metrics").decode()
    return sum(float(value) for value in re.findall(r"^dataplane_http_requests_total\{.*\} (\S+)", page, re.M))


def wait_for(url):
    for _ in range(400):
        try:
            return get(url)
        except OSError:
            time.sleep(0.01)
    sys.exit("the gateway does not answer")


def serve(command, folder, port, provisioned):
    config = os.path.join(folder, "gateway.yaml")
    with open(config, "w") as file:
        file.write(CONFIG.format(port=port, admin=port + 1, code=folder, provisioned=provisioned))
    process = subprocess.Popen(
        command + ["run", "--config", config, "--no-watch"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wait_for(f"http://127.0.0.1:{port + 1}/readyz")
    return process


def measure(process, port, seconds):
    """The figures of a server that listens and has not been asked anything yet."""
    url = f"http://127.0.0.1:{port}/x"
    start = time.perf_counter()
    body = get(url)
    result = {"first_request_ms": (time.perf_counter() - start) * 1000}
    if body != b"x" * 128:
        sys.exit(f"not the function's answer: {body[:200]}")
    wrk(url, 16, 2)
    for connections in (1, 16):
        before = cpu_seconds(tree(process.pid))
        run = wrk(url, connections, seconds)
        used = cpu_seconds(tree(process.pid)) - before
        result |= {f"c{connections}_{name}": value for name, value in run.items() if name != "requests"}
        result[f"c{connections}_cpu_us_per_request"] = used / run["requests"] * 1e6
    result["rss_mib"] = memory_mib(process.pid)[0]
    return result


def measure_gateway(command, folder, port, seconds):
    process = serve(command, folder, port, provisioned=0)
    try:
        before = allocated_bytes(port)
        start = requests(port)
        result = measure(process, port, seconds)
        result["allocated_bytes_per_request"] = (allocated_bytes(port) - before) / (requests(port) - start)
        nodes = [memory_mib(pid) for pid in tree(process.pid) - {process.pid}]
        result["environments"] = len(nodes)
        for index, name in enumerate(("rss", "pss", "uss")):
            result[f"environment_{name}_mib"] = sum(each[index] for each in nodes) / len(nodes)
        result["bare_node_rss_mib"] = bare_node_mib()
        return result
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def measure_serverless(port, seconds):
    process = serverless_offline.serve(FUNCTION, port)
    try:
        return measure(process, port, seconds)
    finally:
        process.kill()
        process.wait()


def text(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def medians(rounds):
    """Name: median (least-most)."""
    table = {}
    for name in rounds[0]:
        values = sorted(each[name] for each in rounds)
        spread = f" ({text(values[0])}-{text(values[-1])})" if len(values) > 1 else ""
        table[name] = text(statistics.median(values)) + spread
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    built = os.path.join(here, "../../../src/DataPlane/bin/Release/net10.0/dataplane.dll")
    parser.add_argument("--gateway", default=f"dotnet {built}")
    parser.add_argument("--peer", action="store_true", help="serverless-offline in turn with it")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--port", type=int, default=18380)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp()
    measured = {"dataplane": []} | ({"serverless-offline": []} if arguments.peer else {})
    try:
        with open(os.path.join(folder, "index.mjs"), "w") as file:
            file.write(FUNCTION)
        for _ in range(arguments.rounds):
            measured["dataplane"].append(
                measure_gateway(arguments.gateway.split(), folder, arguments.port, arguments.seconds))
            if arguments.peer:
                measured["serverless-offline"].append(measure_serverless(arguments.port + 10, arguments.seconds))
    finally:
        shutil.rmtree(folder)
    print(json.dumps({name: medians(rounds) for name, rounds in measured.items()}, indent=2))


if __name__ == "__main__":
    main()
