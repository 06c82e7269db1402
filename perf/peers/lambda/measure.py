#!/usr/bin/env python3
"""A warm Node function that answers 128 bytes, behind the gateway: latency at 1 and at 16 connections, CPU of the whole
process tree per request, memory, and the first request after the start. Memory of an environment is told as its own
with its part of what is shared (PSS), what ends with it (USS) and all that it sees (RSS): most of the last is Node's
program, which the machine has once for all of them; that of a bare node stands beside it.

usage: measure.py [--gateway COMMAND] [--seconds N]     needs wrk and node
"""
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

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


def measure(command, seconds, port):
    folder = tempfile.mkdtemp()
    process = None
    try:
        with open(os.path.join(folder, "index.mjs"), "w") as file:
            file.write(FUNCTION)
        url = f"http://127.0.0.1:{port}/x"
        process = serve(command, folder, port, provisioned=0)
        start = time.perf_counter()
        get(url)
        result = {"first_request_ms": round((time.perf_counter() - start) * 1000, 1)}
        wrk(url, 16, 2)
        for connections in (1, 16):
            before, bytes_before = cpu_seconds(tree(process.pid)), allocated_bytes(port)
            run = wrk(url, connections, seconds)
            used, allocated = cpu_seconds(tree(process.pid)) - before, allocated_bytes(port) - bytes_before
            requests = run.pop("requests")
            run["cpu_us_per_request"] = round(used / requests * 1e6, 1)
            run["gateway_bytes_allocated_per_request"] = round(allocated / requests, 1)
            result[f"connections_{connections}"] = run
        nodes = [memory_mib(pid) for pid in tree(process.pid) - {process.pid}]
        result["environments"] = len(nodes)
        for index, name in enumerate(("rss", "pss", "uss")):
            result[f"environment_{name}_mib"] = round(sum(each[index] for each in nodes) / len(nodes), 1)
        result["bare_node_rss_mib"] = round(bare_node_mib(), 1)
        result["gateway_mib"] = round(memory_mib(process.pid)[0], 1)
        return result
    finally:
        if process:
            process.send_signal(signal.SIGINT)
            process.wait()
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser()
    here = os.path.dirname(os.path.abspath(__file__))
    built = os.path.join(here, "../../../src/DataPlane/bin/Release/net10.0/dataplane.dll")
    parser.add_argument("--gateway", default=f"dotnet {built}")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--port", type=int, default=18380)
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.gateway.split(), arguments.seconds, arguments.port), indent=2))


if __name__ == "__main__":
    main()
