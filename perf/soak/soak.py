#!/usr/bin/env python3
"""Everything at once for a long time: does memory stay flat, and is nothing lost that could be saved?

  soak.py [--minutes 20] [--smoke] [--record]

One gateway with HTTP/1.1, HTTP/2 over TLS, WebSockets, gRPC and a function, at a modest load each, while configurations
change every ten seconds and an endpoint is killed and restored every thirty. Ends with 1 when memory, descriptors or
threads grow, when a request was lost that could have been saved, or when the gateway said something nobody expected.
docs/operations.md explains the table.
"""
import argparse
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent),
                str(pathlib.Path(__file__).resolve().parent.parent / "chaos")]
import chaos  # noqa: E402
import gateway as gateways  # noqa: E402
from growth import Growth  # noqa: E402
from load import Load  # noqa: E402
from harness import load as loads, messages, report  # noqa: E402
from harness.lineup import free_ports  # noqa: E402
from harness.processes import Child, raise_file_limit  # noqa: E402

CALL = "/soak.Calls/Unary"
FUNCTION = "export const handler = async (event) => ({ statusCode: 200, body: 'ok ' + event.rawPath });\n"
# What an operator wants to read while endpoints come and go and configurations change.
EXPECTED = re.compile(
    r"generation \d+|^dataplane: |Serving by |endpoint|drain|[Ff]unction|Admin\.Changes: PUT /config .* taken|is good until|^\s*$",
    re.IGNORECASE)


class SoakGateway(gateways.Gateway):
    """As for chaos, with a TLS listener and routes of every kind."""

    def __init__(self, folder, port, endpoints, echo_port, call_port):
        self._folder, self._echo_port, self._call_port = folder, echo_port, call_port
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"],
            check=True, capture_output=True)
        os.makedirs(f"{folder}/function")
        pathlib.Path(f"{folder}/function/index.mjs").write_text(FUNCTION)
        super().__init__(folder, port, 1, endpoints, 1, "5s")

    def configuration(self, variant=0):
        configuration = super().configuration(variant)
        del configuration["dns"], configuration["upstreams"]["named"]
        configuration["listeners"].append({
            "name": "tls", "address": f"127.0.0.1:{self.port + 2}",
            "tls": {"certificates": [{"certificate": f"{self._folder}/cert.pem", "key": f"{self._folder}/key.pem"}]}})
        configuration["upstreams"]["echo"] = {"endpoints": [f"http://127.0.0.1:{self._echo_port}"]}
        configuration["upstreams"]["calls"] = {
            "protocol": "http2", "endpoints": [f"http://127.0.0.1:{self._call_port}"]}
        configuration["functions"] = {
            "hello": {"runtime": "nodejs20.x", "code": f"{self._folder}/function", "handler": "index.handler",
                      "concurrency": {"maximum": 4}}}
        configuration["policies"] = {"fair": {"rateLimit": {"rate": "1000000/s"}}}
        configuration["routes"] = [
            {"id": "echo", "match": {"path": messages.PATH}, "to": {"upstream": "echo"}},
            {"id": "calls", "match": {"path": "/soak.Calls/{method}"}, "to": {"upstream": "calls"}},
            {"id": "function", "match": {"path": "/function"}, "to": {"function": "hello"}},
            *[route for route in configuration["routes"] if route["id"] != "named"]]
        next(route for route in configuration["routes"] if route["id"] == "three")["policies"] = ["fair"]
        return configuration


class Repeated(threading.Thread):
    """Runs a load for a few seconds, again and again; sums what was asked and what went wrong."""

    def __init__(self, name, run, pause=0):
        super().__init__(daemon=True)
        self.name_, self.requests, self.wrong, self.problem = name, 0, 0, None
        self._run, self._pause, self._stopping = run, pause, threading.Event()

    def run(self):
        try:
            while not self._stopping.is_set():
                outcome = self._run()
                self.requests += outcome.requests
                self.wrong += outcome.wrong
                self._stopping.wait(self._pause)
        except (RuntimeError, OSError) as error:
            self.problem = str(error)

    def stop(self):
        self._stopping.set()
        self.join()


class World:
    def __init__(self, folder):
        port = free_ports(20)
        self.folder = folder
        self.children, self.upstreams = [], []
        self.upstreams = [chaos.Upstream("127.0.0.1", port + 5 + index) for index in range(3)]
        os.makedirs(folder + "/www" + os.path.dirname(CALL))
        pathlib.Path(folder + "/www" + CALL).write_bytes(b"\0\0\0\0\x04soak")
        self.children.append(messages.echo(port + 8, folder + "/echo.log"))
        self.children.append(Child(
            "nghttpd", ["nghttpd", "--no-tls", f"--htdocs={folder}/www", "--trailer=grpc-status: 0", str(port + 9)],
            port + 9, folder + "/nghttpd.log"))
        self.gateway = SoakGateway(folder, port, [each.url for each in self.upstreams], port + 8, port + 9)

    def loads(self, seconds):
        port = self.gateway.port
        clear, secure = f"http://127.0.0.1:{port}", f"https://127.0.0.1:{port + 2}"

        def h2load(url, clients, rate, *options):
            # The rate is that of each client.
            output = loads.run(["h2load", "--threads=1", f"--clients={clients}", f"--duration={seconds}",
                                f"--rps={rate}", *options, url])
            done, succeeded = map(int, re.search(r"(\d+) done, (\d+) succeeded", output).groups())
            return loads.Outcome(done, done / seconds, 0, 0, refused=done - succeeded, failed=0)

        return [
            Repeated("HTTP/2 over TLS", lambda: h2load(secure + "/small", 4, 25, "--max-concurrent-streams=8")),
            Repeated("HTTP/1.1 over TLS", lambda: h2load(secure + "/small", 8, 10, "--h1")),
            Repeated("HTTP/2 by prior knowledge", lambda: h2load(clear + "/small", 2, 20)),
            Repeated("gRPC", lambda: h2load(
                clear + CALL, 4, 20, f"--data={self.folder}/www{CALL}", "--header=content-type: application/grpc",
                "--header=te: trailers")),
            Repeated("function", lambda: h2load(clear + "/function", 4, 10, "--h1")),
            # Each connection lasts over a reload. As fast as it goes, so with a pause: the others want their share.
            Repeated("WebSocket", lambda: messages.closed_loop(port, messages.Messages(200), 2, 12), pause=20),
        ]

    def close(self):
        self.gateway.process.stop()
        for child in self.children:
            child.stop()
        for upstream in self.upstreams:
            upstream.kill()


def disturb(world, stopping, counts):
    """A new configuration every ten seconds, an endpoint killed every thirty and restored ten later."""
    turn = 0
    while not stopping.wait(10):
        turn += 1
        counts["reloads"] += 1
        status, answer = world.gateway.ask(
            "PUT", "/config", json.dumps(world.gateway.configuration(turn)), {"If-Match": "*"})
        if status != 200:
            counts["problems"].append(f"PUT /config: {status} {answer}")
        if turn % 3 == 1:
            world.upstreams[1].kill()
            counts["kills"] += 1
        elif turn % 3 == 2:
            world.upstreams[1].start()


def unexpected_lines(world):
    with open(os.path.join(world.folder, "dataplane.log"), errors="replace") as log:
        return [line.rstrip() for line in log if not EXPECTED.search(line)]


def lost(world, tally):
    """Losses of HTTP/1.1 that could have been saved: not those of a POST whose endpoint was killed."""
    lines = {line.get("requestId"): line for line in world.gateway.log_lines(0)}
    found = []
    for loss in tally.losses:
        line = lines.get(loss.request_id)
        is_allowed = line and line.get("side") == "upstream" and (loss.method == "POST" or loss.has_begun)
        if not is_allowed:
            found.append(f"{loss.method} {loss.request_id}: {loss.what}, {line and line['outcome']}")
    return found


def soak(world, options):
    """(text of the tables, faults)"""
    running = world.loads(4 if options.smoke else 10)
    steady = Load(world.gateway.port, "soak", 100, 16)
    growth, stopping = Growth(world.gateway), threading.Event()
    counts = {"reloads": 0, "kills": 0, "problems": []}
    disturber = threading.Thread(target=disturb, args=(world, stopping, counts), daemon=True)
    for thread in (*running, steady, disturber):
        thread.start()
    end = time.monotonic() + options.minutes * 60
    while time.monotonic() < end:
        time.sleep(min(5, max(0.1, end - time.monotonic())))
        growth.look()
    stopping.set()
    disturber.join()
    for each in running:
        each.stop()
    tally = steady.stop()
    saved = lost(world, tally)
    faults = counts["problems"] + saved[:20] + [f"{each.name_}: {each.problem}" for each in running if each.problem]
    faults += [f"{each.name_}: {each.wrong} of {each.requests} wrong" for each in running if each.wrong]
    faults += [f"nobody asked by {each.name_}" for each in running if each.requests == 0]
    faults += [f"unexpected: {line}" for line in unexpected_lines(world)[:20]]
    if not options.smoke:
        faults += growth.faults()
    rows = [f"| {each.name_} | {each.requests:,} | {each.wrong} |" for each in running]
    rows.append(f"| HTTP/1.1 | {tally.requests:,} | {len(saved)}, and {len(tally.losses) - len(saved)} that no proxy "
                "can save |")
    text = (f"{options.minutes:g} minutes, {counts['reloads']} configurations, an endpoint killed {counts['kills']} "
            "times.\n\n| load | requests | lost |\n|---|---|---|\n" + "\n".join(rows) + "\n\n" + growth.table())
    return text, faults


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--smoke", action="store_true", help="35 seconds, and growth is not judged")
    parser.add_argument("--record", action="store_true", help="append the tables to perf/records/DATE.md")
    options = parser.parse_args()
    if options.smoke:
        options.minutes = 35 / 60
    return options


def main():
    options = parse()
    raise_file_limit()
    folder = tempfile.mkdtemp(prefix="dataplane-soak-")
    world = None
    try:
        world = World(folder)
        text, faults = soak(world, options)
    except (RuntimeError, OSError) as error:
        print(f"soak.py: {error!r}", file=sys.stderr)
        return 1
    finally:
        if world:
            world.close()
        shutil.rmtree(folder, ignore_errors=True)
    text = report.setting("soak.py " + shlex.join(sys.argv[1:])) + "\n" + text
    print(text)
    print("".join(f"fault: {fault}\n" for fault in faults), file=sys.stderr)
    if options.record:
        print(f"appended to {report.append_to_record(text)}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
