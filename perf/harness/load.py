"""One run of a load generator, and its output as numbers."""
import dataclasses
import json
import os
import re
import shutil
import subprocess
import tempfile

# What a browser behind a login sends: a proxy that is fast on two header fields only is of no use.
BROWSER_FIELDS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-GB,en;q=0.7",
    "Accept-Encoding": "gzip, deflate, br",
    "X-Request-Id": "0d9f5d0e-6c1c-4f7e-8d53-1b7f7a3c9a10",
    "Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwZWVycyJ9.bWVhc3VyZWQ",
}

MS_PER_UNIT = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclasses.dataclass
class Request:
    """What each request of a run looks like. refusals: the right answer is none of 2xx and 3xx."""
    method: str
    path: str
    headers: dict
    body_bytes: int = 0
    refusals: bool = False


@dataclasses.dataclass
class Outcome:
    """What a run achieved. refused: answers of the wrong kind; failed: requests without an answer."""
    requests: int
    rps: float
    p50_ms: float
    p99_ms: float
    refused: int
    failed: int

    @property
    def wrong(self):
        return self.refused + self.failed


def closed_loop(url, request, connections, seconds):
    """wrk: each connection sends again as soon as it has its answer, so the proxy sets the pace."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f'wrk.method = "{request.method}"\n')
        if request.body_bytes:
            script.write(f'wrk.body = string.rep("p", {request.body_bytes})\n')
        script.flush()
        command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{whole(seconds)}s",
                   "--latency", "--script", script.name]
        for field in fields_of(request):
            command += ["--header", field]
        output = run(command + [url + request.path])
    total = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m),", output)
    requests = int(total[1])
    failed = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    refused = int(refused[1]) if refused else 0
    seconds_run = float(total[2]) * MS_PER_UNIT[total[3]] / 1000
    return Outcome(
        requests, requests / seconds_run, wrk_percentile(output, 50), wrk_percentile(output, 99),
        # The first of the minute or the hour is granted.
        refused=max(0, requests - refused - 1) if request.refusals else refused,
        failed=sum(map(int, failed.groups())) if failed else 0)


def fixed_rate(url, request, connections, seconds, rate):
    """h2load sends at a rate of its own; percentiles come from its log of every request, its summary has none."""
    with tempfile.TemporaryDirectory() as folder:
        log_path = os.path.join(folder, "requests.log")
        command = ["h2load", "--h1", "--threads", "1", "--clients", str(connections),
                   "--duration", str(whole(seconds)), "--rps", f"{rate / connections:.6f}", "--log-file", log_path]
        if request.body_bytes:
            body_path = os.path.join(folder, "body")
            with open(body_path, "w") as body:
                body.write("p" * request.body_bytes)
            command += ["--data", body_path]
        elif request.method != "GET":
            command += ["--header", f":method: {request.method}"]
        for field in fields_of(request):
            command += ["--header", field]
        run(command + [url + request.path])
        with open(log_path) as log:
            rows = [line.split("\t") for line in log]
    return outcome_of(rows, url + request.path, seconds)


def outcome_of(rows, url, seconds):
    """Of the lines of h2load's log: when, status, microseconds."""
    durations_ms = sorted(int(row[2]) / 1000 for row in rows)
    statuses = [int(row[1]) for row in rows]
    if not durations_ms:
        raise RuntimeError(f"h2load made no request to {url}")
    return Outcome(
        len(rows), len(rows) / whole(seconds), rank(durations_ms, 0.50), rank(durations_ms, 0.99),
        refused=sum(status >= 100 and not 200 <= status < 400 for status in statuses),
        failed=sum(status < 100 for status in statuses))


def multiplexed(url, request, seconds, connections=8, streams=16):
    """h2load with HTTP/2 by prior knowledge: each stream sends again as soon as it has its answer."""
    with tempfile.TemporaryDirectory() as folder:
        log_path = os.path.join(folder, "requests.log")
        command = ["h2load", "--threads", "1", "--clients", str(connections), "--max-concurrent-streams", str(streams),
                   "--duration", str(whole(seconds)), "--log-file", log_path]
        for field in fields_of(request):
            command += ["--header", field]
        run(command + [url + request.path])
        with open(log_path) as log:
            rows = [line.split("\t") for line in log]
    return outcome_of(rows, url + request.path, seconds)


def bombardier(url, request, connections, seconds, rate=None):
    """bombardier (the HTTP one: Debian's package of that name is a game), as wrk, or with a rate.

    Written from its documented JSON, whose latencies are microseconds; not run where it could not be installed.
    """
    command = ["bombardier", "--connections", str(connections), "--duration", f"{whole(seconds)}s", "--latencies",
               "--print", "result", "--format", "json", "--method", request.method]
    if rate:
        command += ["--rate", str(rate)]
    if request.body_bytes:
        command += ["--body", "p" * request.body_bytes]
    for field in fields_of(request):
        command += ["--header", field]
    result = json.loads(run(command + [url + request.path]))["result"]
    answers = {kind: result[f"req{kind}xx"] for kind in range(1, 6)}
    percentiles = result["latency"].get("percentiles", {})
    return Outcome(
        sum(answers.values()), sum(answers.values()) / result["timeTakenSeconds"],
        percentiles.get("50", 0) / 1000, percentiles.get("99", 0) / 1000,
        refused=sum(answers.values()) - answers[2] - answers[3], failed=result["others"])


def fields_of(request):
    return [f"{name}: {value}" for name, value in request.headers.items()]


def whole(seconds):
    """wrk and h2load take whole seconds only."""
    return max(1, round(seconds))


def rank(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def wrk_percentile(output, percent):
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)", output, re.MULTILINE)
    return float(found[1]) * MS_PER_UNIT[found[2]] if found else 0.0


def run(command):
    if not shutil.which(command[0]):
        raise RuntimeError(f"{command[0]} is not installed")
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{result.stdout}{result.stderr}")
    return result.stdout
