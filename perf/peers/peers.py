#!/usr/bin/env python3
"""CPU per request of HTTP proxies that share one small machine with their load and their upstream.

  peers.py [options] [PROXY ...]   PROXY: nginx haproxy yarp dataplane varnish, or NAME='COMMAND {port} {upstream}'

The first proxy is what the others are compared with (default: nginx haproxy yarp dataplane; for cached alone those
that cache: nginx dataplane, and varnish where varnishd is installed). docs/performance.md says how to read the tables.
"""
import argparse
import dataclasses
import os
import pathlib
import shlex
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from harness import answers, idle, load, messages, report, runtime_figures  # noqa: E402
from harness.lineup import BUILT_IN, BUILT_IN_TLS, Lineup  # noqa: E402
from harness.processes import raise_file_limit  # noqa: E402

JSON_FIELDS = dict(load.BROWSER_FIELDS, **{"Content-Type": "application/json"})
# What answers an authorized request is nobody else's, so caches keep out of it.
PUBLIC_FIELDS = {name: value for name, value in load.BROWSER_FIELDS.items() if name != "Authorization"}
WORKLOADS = {
    "get": ("GET, 128 B answer", load.Request("GET", "/small", load.BROWSER_FIELDS)),
    "post": ("POST 10 KB, 128 B answer", load.Request("POST", "/post", JSON_FIELDS, 10 * 1024)),
    "big": ("GET, 100 KB answer", load.Request("GET", "/big", load.BROWSER_FIELDS)),
    "tls": ("GET by TLS 1.3, 128 B answer", load.Request("GET", "/small", load.BROWSER_FIELDS)),
    "h2": ("GET by HTTP/2, 8 connections of 16 streams, 128 B answer",
           load.Request("GET", "/small", load.BROWSER_FIELDS)),
    "refused": ("GET refused by a rate limit", load.Request("GET", "/refused", load.BROWSER_FIELDS, refusals=True)),
    "cached": ("GET of a cached response, 128 B", load.Request("GET", "/cached", PUBLIC_FIELDS)),
    "websocket": ("WebSocket echo, 32 B messages", messages.Messages(32)),
}


@dataclasses.dataclass
class Sample:
    """One proxy, one workload, one round. allocated: managed bytes per request, None when the proxy reports none."""
    outcome: load.Outcome
    user_us: float
    system_us: float
    pss_kib: float
    allocated: float | None
    gen0: float | None

    @property
    def cpu_us(self):
        return self.user_us + self.system_us


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("proxies", nargs="*")
    parser.add_argument("-w", "--workloads", default="get,post,big",
                        help="comma list of get, post, big, refused, cached; or tls, h2 or websocket, alone")
    parser.add_argument("-r", "--rounds", type=int, default=5)
    parser.add_argument("-d", "--seconds", type=float, default=4, help="length of a measured window")
    parser.add_argument("--warm-up", type=float, default=4, help="seconds per proxy and workload in the first round")
    parser.add_argument("-c", "--connections", type=int, default=64)
    parser.add_argument("--fixed-rate", type=int, metavar="N", help="N requests/s by h2load instead of wrk's closed loop")
    parser.add_argument("--idle", type=int, metavar="N", help="memory of N idle connections instead of load")
    parser.add_argument("--smoke", action="store_true", help="one round of 1 s: judges answers, not time")
    parser.add_argument("--record", action="store_true", help="append the tables to perf/records/DATE.md")
    parser.add_argument("--base-port", type=int, default=0, help="first of the ports to use (default: free ones)")
    options = parser.parse_args()
    if options.smoke:
        options.rounds, options.seconds, options.warm_up = 1, 1, 0
        options.proxies = options.proxies or ["nginx", "dataplane"]
    options.workloads = options.workloads.split(",")
    options.speaks_tls = "tls" in options.workloads
    options.speaks_http2 = "h2" in options.workloads
    options.speaks_websocket = "websocket" in options.workloads
    if options.workloads == ["cached"] and not options.proxies:
        options.proxies = ["nginx", "dataplane", *(["varnish"] if shutil.which("varnishd") else [])]
    is_special = options.speaks_tls or options.speaks_http2
    if (is_special or options.speaks_websocket) and (len(options.workloads) > 1 or options.idle):
        parser.error("tls, h2 and websocket are measured alone: the proxies listen, or the upstream answers, for them only")
    options.proxies = options.proxies or list(BUILT_IN_TLS if is_special else BUILT_IN)
    unknown = [name for name in options.workloads if name not in WORKLOADS]
    if unknown:
        parser.error(f"no such workload: {', '.join(unknown)}")
    return options


def drive(child, request, options, seconds):
    if isinstance(request, messages.Messages):
        return messages.closed_loop(child.port, request, options.connections, seconds)
    url = f"{'https' if options.speaks_tls else 'http'}://127.0.0.1:{child.port}"
    if options.speaks_http2:
        return load.multiplexed(url, request, seconds)
    if options.fixed_rate:
        return load.fixed_rate(url, request, options.connections, seconds, options.fixed_rate)
    return load.closed_loop(url, request, options.connections, seconds)


def measure(child, request, options, warm_up):
    # In runs of a second each: what a run does once per connection, as a handshake, is only compiled well after some.
    for _ in range(load.whole(warm_up) if warm_up else 0):
        drive(child, request, options, 1)
    runtime_before, cpu_before = runtime_figures.read(child.port + 1), child.cpu_seconds()
    outcome = drive(child, request, options, options.seconds)
    cpu_after, runtime_after = child.cpu_seconds(), runtime_figures.read(child.port + 1)
    per_request = 1e6 / max(1, outcome.requests)
    is_managed = runtime_before and runtime_after
    return Sample(
        outcome,
        user_us=(cpu_after[0] - cpu_before[0]) * per_request,
        system_us=(cpu_after[1] - cpu_before[1]) * per_request,
        pss_kib=child.pss_kib(),
        allocated=(runtime_after[0] - runtime_before[0]) / max(1, outcome.requests) if is_managed else None,
        gen0=runtime_after[1] - runtime_before[1] if is_managed else None)


def run_rounds(children, options):
    """Proxies take turns inside each round, so that a slow minute of the machine hits all of them."""
    samples = {name: {child.name: [] for child in children} for name in options.workloads}
    for number in range(options.rounds):
        for workload in options.workloads:
            for child in children:
                # Later rounds find everything compiled and connected; one second refills the caches of the processor.
                warm_up = options.warm_up if number == 0 else min(1, options.warm_up)
                sample = measure(child, WORKLOADS[workload][1], options, warm_up)
                samples[workload][child.name].append(sample)
                if not child.is_alive():
                    raise RuntimeError(f"{child.name} died under load:\n{child.log_tail()}")
        print(f"round {number + 1} of {options.rounds} done", file=sys.stderr)
    return samples


def connections_of(workload, options):
    """HTTP/2 has its own number of them, which its title tells."""
    return "" if workload == "h2" else f"{options.connections} connections, "


def load_tables(children, options):
    """(tables, number of wrong answers)"""
    samples = run_rounds(children, options)
    mode = f"{options.fixed_rate:,}/s" if options.fixed_rate else "closed loop"
    tables = [
        report.workload_table(
            f"{WORKLOADS[name][0]}: {connections_of(name, options)}{mode}, "
            f"{options.rounds} rounds x {options.seconds:g} s", samples[name])
        for name in options.workloads]
    wrong = sum(sample.outcome.wrong for by_proxy in samples.values() for rows in by_proxy.values() for sample in rows)
    return "\n".join(tables), wrong


def idle_table(children, options):
    figures = {}
    for child in children:
        # Warm first: what the runtime takes once is not the connections' cost.
        load.closed_loop(f"http://127.0.0.1:{child.port}", WORKLOADS["get"][1], 64, 2)
        figures[child.name] = idle.measure(child, options.idle)
    return report.idle_table(figures)


def main():
    options = parse()
    raise_file_limit()
    run_folder = tempfile.mkdtemp(prefix="dataplane-peers-")
    # nginx's workers are another user, and read the upstream's files from here.
    os.chmod(run_folder, 0o755)
    try:
        with Lineup(options.proxies, run_folder, options.base_port, options.speaks_tls,
                    options.speaks_websocket, options.speaks_http2) as children:
            # What is asked by HTTP/1.1, nginx would not answer where it speaks HTTP/2, and the echo never; there the
            # load counts its own answers.
            asks_first = not (options.speaks_http2 or options.speaks_websocket)
            faults = [f"{child.name}: {fault}" for child in children if asks_first
                      for fault in answers.faults_of(child.port, options.speaks_tls)]
            if faults:
                print("wrong answers, nothing is timed:\n" + "\n".join(faults), file=sys.stderr)
                return 1
            if options.idle:
                tables, wrong = idle_table(children, options), 0
            else:
                tables, wrong = load_tables(children, options)
    except RuntimeError as error:
        print(f"peers.py: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(run_folder, ignore_errors=True)
    text = report.setting("peers.py " + shlex.join(sys.argv[1:])) + "\n" + tables
    print(text)
    if options.record:
        print(f"appended to {report.append_to_record(text)}", file=sys.stderr)
    if wrong:
        print(f"{wrong} answers under load were wrong", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
