"""Figures as a markdown table, on the screen and in a dated record."""
import datetime
import os
import pathlib
import platform
import statistics
import subprocess

PERF = pathlib.Path(__file__).resolve().parent.parent
RECORDS = PERF / "records"
TABLE_HEAD = (
    "| proxy | CPU us/request | x {first} | min-max | user | system | RPS | p50 ms | p99 ms | B allocated/request "
    "| gen0 | PSS MB | wrong |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|")


def workload_table(title, samples_by_proxy):
    """A row per proxy: medians over the rounds. Ratios are formed inside a round, because the machine's speed drifts."""
    first = next(iter(samples_by_proxy))
    rows = [f"\n### {title}\n", TABLE_HEAD.format(first=first)]
    for name, samples in samples_by_proxy.items():
        ratios = [sample.cpu_us / base.cpu_us
                  for sample, base in zip(samples, samples_by_proxy[first]) if base.cpu_us]
        rows.append(_row(name, samples, ratios))
    return "\n".join(rows)


def _row(name, samples, ratios):
    def middle(select):
        return statistics.median(select(sample) for sample in samples)

    costs = [sample.cpu_us for sample in samples]
    managed = all(sample.allocated is not None for sample in samples)
    allocated = f"{middle(lambda sample: sample.allocated):.2f}" if managed else "-"
    gen0 = f"{middle(lambda sample: sample.gen0):.0f}" if managed else "-"
    return (
        f"| {name} | {statistics.median(costs):.2f} | {statistics.median(ratios) if ratios else 0:.2f} "
        f"| {min(costs):.2f}-{max(costs):.2f} "
        f"| {middle(lambda sample: sample.user_us):.2f} | {middle(lambda sample: sample.system_us):.2f} "
        f"| {middle(lambda sample: sample.outcome.rps):,.0f} | {middle(lambda sample: sample.outcome.p50_ms):.2f} "
        f"| {middle(lambda sample: sample.outcome.p99_ms):.2f} | {allocated} | {gen0} "
        f"| {middle(lambda sample: sample.pss_kib) / 1024:.0f} | {sum(sample.outcome.wrong for sample in samples)} |")


def idle_table(figures_by_proxy):
    rows = ["\n### Idle keep-alive connections, process memory (PSS)\n",
            "| proxy | connections | before MB | open MB | KiB per connection | after closing MB "
            "| KiB kept per connection |",
            "|---|---|---|---|---|---|---|"]
    for name, figures in figures_by_proxy.items():
        rows.append(
            f"| {name} | {figures.connections:,} | {figures.before_kib / 1024:.1f} | {figures.open_kib / 1024:.1f} "
            f"| {figures.per_connection_kib:.2f} | {figures.closed_kib / 1024:.1f} "
            f"| {figures.kept_per_connection_kib:.2f} |")
    return "\n".join(rows)


def setting(command_line):
    """Where and from what: a figure without these cannot be compared with anything."""
    revision = _first_line(["git", "-C", str(PERF), "describe", "--always", "--dirty"])
    moment = datetime.datetime.now(datetime.timezone.utc).strftime("%H:%M UTC")
    return (f"\n## {moment}, revision {revision}\n\n`{command_line}` on {os.cpu_count()} cores, "
            f"Linux {platform.release()}; load generator, upstream and proxies share them.")


def append_to_record(text):
    """Appends to perf/records/DATE.md and returns its path."""
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    path = RECORDS / f"{date}.md"
    RECORDS.mkdir(exist_ok=True)
    is_new = not path.exists()
    with open(path, "a") as record:
        if is_new:
            record.write(f"# Measurements of {date}\n")
        record.write(text + "\n")
    return path


def _first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
