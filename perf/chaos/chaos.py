#!/usr/bin/env python3
"""What the gateway loses when things break around it under load, and whether it knows.

  chaos.py [--rate 5000] [--seconds 4] [--reloads 100] [--step NAME]... [--smoke] [--record]

Starts a Release build of the gateway and five small upstreams on loopback, and ends with 1 when a request was lost that
could have been saved, or one that neither the access log nor the metrics know. docs/operations.md explains the table.
"""
import argparse
import collections
import dataclasses
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import gateway as gateways  # noqa: E402
import names  # noqa: E402
import steps  # noqa: E402
from load import Load  # noqa: E402
from harness import report  # noqa: E402
from harness.lineup import free_ports  # noqa: E402
from harness.processes import raise_file_limit  # noqa: E402

ANSWERED = ("completed", "local_reply")


@dataclasses.dataclass
class Step:
    """breaks_upstreams: requests that cannot be repeated may be lost. is_logged: each exchange has its line."""
    name: str
    act: object
    prefix: str = ""
    breaks_upstreams: bool = False
    is_logged: bool = True
    ends: bool = False


STEPS = [
    Step("baseline", steps.baseline),
    Step("reloads", steps.reload_often),
    Step("kill", steps.kill_and_restore, breaks_upstreams=True),
    Step("hang", steps.hang, breaks_upstreams=True),
    Step("reset", steps.reset_in_the_body, breaks_upstreams=True),
    Step("names", steps.change_the_name, prefix="/named"),
    Step("disk", steps.fill_the_disk, is_logged=False),
    Step("terminate", steps.terminate, ends=True),
]


class Upstream:
    """An upstream process; it is told what to do by its standard input."""

    def __init__(self, address, port):
        self.address, self.port = address, port
        self.start()

    @property
    def url(self):
        return f"http://{self.address}:{self.port}"

    def start(self):
        program = pathlib.Path(__file__).resolve().parent / "upstream.py"
        self._process = subprocess.Popen(
            [sys.executable, str(program), self.address, str(self.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError(f"the upstream on {self.url} does not start")

    def become(self, mode):
        self._process.stdin.write(mode + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def answered(self):
        return int(self.become("count"))

    def kill(self):
        if self._process.poll() is not None:
            return
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


class World:
    def __init__(self, folder, options):
        port = free_ports(10)
        self.reloads = options.reloads
        self.load = None
        self.upstreams = [Upstream("127.0.0.1", port + 2 + index) for index in range(3)]
        self.named = [Upstream("127.0.0.2", port + 5), Upstream("127.0.0.3", port + 5)]
        self.names = names.Names([self.named[0].address])
        self.gateway = gateways.Gateway(
            folder, port, self.names.port, [each.url for each in self.upstreams], port + 5,
            options.response_timeout)

    def close(self):
        self.gateway.process.stop()
        for upstream in self.upstreams + self.named:
            upstream.kill()


class Verdict:
    """Compares what the client saw in one step with what the log and the metrics say of it."""

    def __init__(self, step, tally, lines, before, after):
        self.faults = []
        self.allowed = collections.Counter()
        self.saved = sum(line.get("tries", 0) > 1 and line["outcome"] in ANSWERED for line in lines)
        logged = {line.get("requestId"): line for line in lines}
        for loss in tally.losses:
            self._judge(loss, step, logged.get(loss.request_id))
        if step.is_logged and len(lines) != tally.requests:
            self.faults.append(f"{tally.requests} requests, {len(lines)} lines in the log")
        if after is not None:
            self._compare(step, tally, lines, before, after)

    def _judge(self, loss, step, line):
        seen = f"{loss.method} {loss.request_id}: {loss.what}"
        if line is None:
            self.faults.append(f"{seen}, not in the log")
        elif line["outcome"] in ANSWERED or "side" not in line:
            self.faults.append(f"{seen}, logged as {line['outcome']}")
        # What can be saved is a request that may be repeated, as long as its answer has not begun.
        elif step.breaks_upstreams and line["side"] == "upstream" and (loss.method == "POST" or loss.has_begun):
            self.allowed[line["outcome"]] += 1
        else:
            self.faults.append(f"{seen}, could have been saved: {line['outcome']}, {line['side']}")

    def _compare(self, step, tally, lines, before, after):
        if after.requests - before.requests != tally.requests:
            self.faults.append(f"{tally.requests} requests, {after.requests - before.requests} in the metrics")
        for outcome in {line["outcome"] for line in lines} - set(ANSWERED):
            in_log = sum(line["outcome"] == outcome for line in lines)
            in_metrics = after.outcomes[outcome] - before.outcomes[outcome]
            if in_metrics != in_log:
                self.faults.append(f"{outcome}: {in_log} in the log, {in_metrics} in the metrics")
        if not step.is_logged:
            names_of_lines = ("dataplane_access_log_lines_total", "dataplane_access_log_dropped_lines_total")
            known = sum(after.values[name] - before.values.get(name, 0) for name in names_of_lines)
            if known != tally.requests:
                self.faults.append(f"{tally.requests} requests, {known:.0f} lines written or dropped")


def run_step(step, world, options):
    """(row of the table, faults)"""
    gateway = world.gateway
    before = gateway.figures()
    connections = max(32, options.rate // 10)
    world.load = Load(gateway.port, step.name, options.rate, connections, step.prefix)
    world.load.start()
    problem = None
    try:
        remark = step.act(world, options.seconds)
    except steps.Broken as broken:
        remark, problem = "", str(broken)
    tally = world.load.stop()
    lines = gateway.log_lines(tally.requests if step.is_logged else 0)
    # Counted when an exchange has ended, which may be after its answer has arrived.
    verdict = Verdict(step, tally, lines, before, None if step.ends else gateway.figures())
    faults = ([problem] if problem else []) + verdict.faults
    allowed = ", ".join(f"{count} {outcome}" for outcome, count in sorted(verdict.allowed.items()))
    row = (f"| {step.name} | {tally.requests:,} | {tally.succeeded:,} | {verdict.saved:,} | "
           f"{verdict.allowed.total()} | {len(faults)} | {tally.percentile_ms(0.5):.1f} | "
           f"{tally.percentile_ms(0.99):.1f} | {allowed or remark} |")
    return row, faults


def warm_up(gateway, options):
    """Has the gateway compile what every request needs: its start is not what is judged."""
    load = Load(gateway.port, "warm", min(1000, options.rate), 32)
    load.start()
    time.sleep(min(3, options.seconds))
    gateway.log_lines(load.stop().requests)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=5000, help="requests per second")
    parser.add_argument("--seconds", type=float, default=4, help="length of a step, more or less")
    parser.add_argument("--reloads", type=int, default=100)
    parser.add_argument("--step", action="append", choices=[step.name for step in STEPS], help="only these")
    parser.add_argument("--response-timeout", default="300ms", help="after which an endpoint hangs")
    parser.add_argument("--smoke", action="store_true", help="300 requests/s, 20 reloads, steps of one second")
    parser.add_argument("--record", action="store_true", help="append the table to perf/records/DATE.md")
    options = parser.parse_args()
    if options.smoke:
        options.rate, options.seconds, options.reloads = 300, 1, 20
        # On a busy machine a third of a second proves nothing.
        options.response_timeout = "2s"
    return options


def main():
    options = parse()
    raise_file_limit()
    folder = tempfile.mkdtemp(prefix="dataplane-chaos-")
    rows, faults, world = [], [], None
    try:
        world = World(folder, options)
        warm_up(world.gateway, options)
        for step in STEPS:
            if options.step and step.name not in options.step:
                continue
            row, found = run_step(step, world, options)
            print(row + "".join(f"\n  {fault}" for fault in found[:20]), file=sys.stderr, flush=True)
            rows.append(row)
            faults += found
        if faults:
            print(world.gateway.process.log_tail(), file=sys.stderr)
    except (RuntimeError, OSError) as error:
        print(f"chaos.py: {error!r}", file=sys.stderr)
        if world:
            print(world.gateway.process.log_tail(), file=sys.stderr)
        return 1
    finally:
        if world:
            world.close()
        shutil.rmtree(folder, ignore_errors=True)
    text = (report.setting("chaos.py " + shlex.join(sys.argv[1:])) + "\n"
            "| step | requests | 2xx | tried again | lost, allowed | faults | p50 ms | p99 ms | |\n"
            "|---|---|---|---|---|---|---|---|---|\n"
            + "\n".join(rows) + "\n")
    print(text)
    if options.record:
        print(f"appended to {report.append_to_record(text)}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
