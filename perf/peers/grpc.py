#!/usr/bin/env python3
"""CPU per unary gRPC call of the gateway and of nginx's grpc_pass, in turn in each round.

  grpc.py [-r ROUNDS] [-d SECONDS] [-c CONNECTIONS] [-m STREAMS] [--record]

h2load posts a message of 16 bytes; nghttpd answers with one and `grpc-status: 0` as a trailer.
"""
import argparse
import os
import pathlib
import re
import shlex
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from harness import load, report, runtime_figures  # noqa: E402
from harness.lineup import PEERS, free_ports  # noqa: E402
from harness.processes import Child, raise_file_limit  # noqa: E402
from peers import Sample  # noqa: E402

MESSAGE = b"\0\0\0\0\x10" + b"m" * 16
CALL = "/test.Calls/Unary"


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-r", "--rounds", type=int, default=5)
    parser.add_argument("-d", "--seconds", type=int, default=4, help="length of a measured window")
    parser.add_argument("-c", "--connections", type=int, default=16)
    parser.add_argument("-m", "--streams", type=int, default=8, help="calls under way per connection")
    parser.add_argument("--record", action="store_true", help="append the table to perf/records/DATE.md")
    return parser.parse_args()


def render(template, run, **values):
    text = (PEERS / template).read_text()
    for key, value in dict(values, run=run, cores=os.cpu_count()).items():
        text = text.replace("{{" + key + "}}", str(value))
    path = os.path.join(run, template)
    pathlib.Path(path).write_text(text)
    return path


def start(run, first_port):
    """The upstream, and the proxies by name; the caller stops them."""
    www = os.path.join(run, "www")
    os.makedirs(os.path.join(www, os.path.dirname(CALL[1:])))
    pathlib.Path(www + CALL).write_bytes(MESSAGE)
    upstream = f"127.0.0.1:{first_port}"

    def child(name, command, port):
        return Child(name, command, port, os.path.join(run, f"{name}.log"))

    children = [child("upstream", ["nghttpd", "--no-tls", "--workers=1", f"--htdocs={www}",
                                   "--max-concurrent-streams=1000", "--trailer=grpc-status: 0", str(first_port)],
                      first_port)]
    try:
        port = first_port + 10
        config = render("grpc-nginx.conf", run, port=port, upstream=upstream)
        children.append(child("nginx grpc_pass", ["nginx", "-p", run, "-c", config], port))
        port = first_port + 20
        children.append(child("dataplane", [str(PEERS / "grpc.sh"), str(port), upstream], port))
    except BaseException:
        stop(children)
        raise
    return children


def stop(children):
    for child in reversed(children):
        child.stop()


def drive(child, options, body, seconds):
    output = load.run([
        "h2load", "--threads=1", f"--clients={options.connections}", f"--max-concurrent-streams={options.streams}",
        f"--duration={seconds}", f"--data={body}", "--header=content-type: application/grpc", "--header=te: trailers",
        f"http://127.0.0.1:{child.port}{CALL}"])
    done, succeeded = re.search(r"(\d+) done, (\d+) succeeded", output).groups()
    refused = sum(map(int, re.search(r"status codes: \d+ 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output).groups()))
    mean = re.search(r"time for request:\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)", output)
    return load.Outcome(
        int(succeeded), int(succeeded) / seconds, float(mean[1]) * load.MS_PER_UNIT[mean[2]], 0.0,
        refused=refused, failed=int(done) - int(succeeded) - refused)


def measure(child, options, body, warm_up):
    if warm_up:
        drive(child, options, body, warm_up)
    runtime_before, cpu_before = runtime_figures.read(child.port + 1), child.cpu_seconds()
    outcome = drive(child, options, body, options.seconds)
    cpu_after, runtime_after = child.cpu_seconds(), runtime_figures.read(child.port + 1)
    per_call = 1 / max(1, outcome.requests)
    is_managed = runtime_before and runtime_after
    return Sample(
        outcome, 1e6 * (cpu_after[0] - cpu_before[0]) * per_call, 1e6 * (cpu_after[1] - cpu_before[1]) * per_call,
        child.pss_kib(),
        (runtime_after[0] - runtime_before[0]) * per_call if is_managed else None,
        runtime_after[1] - runtime_before[1] if is_managed else None)


def main():
    options = parse()
    raise_file_limit()
    run = tempfile.mkdtemp(prefix="dataplane-grpc-")
    os.chmod(run, 0o755)
    children = []
    try:
        children = start(run, free_ports(30))
        body = os.path.join(run, "www" + CALL)
        samples = {child.name: [] for child in children[1:]}
        for number in range(options.rounds):
            for child in children[1:]:
                samples[child.name].append(measure(child, options, body, options.seconds if number == 0 else 1))
    finally:
        stop(children)
        shutil.rmtree(run, ignore_errors=True)
    text = report.setting("grpc.py " + shlex.join(sys.argv[1:])) + "\n" + report.workload_table(
        f"Unary gRPC, 16 B both ways: {options.connections} connections x {options.streams} calls, "
        f"{options.rounds} rounds x {options.seconds} s (p50 is the mean)", samples)
    print(text)
    if options.record:
        print(f"appended to {report.append_to_record(text)}", file=sys.stderr)
    wrong = sum(sample.outcome.wrong for rows in samples.values() for sample in rows)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
