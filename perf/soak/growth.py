"""Whether a process grows: figures looked at every few seconds, the end compared with the middle."""
import os
import statistics
import time

# What may come on top of the middle before it is called growth: caches that fill late, collections that came late.
SHARE, SLACK = 1.10, {"PSS MB": 8, "descriptors": 50, "threads": 4}


class Growth:
    def __init__(self, gateway):
        self._gateway = gateway
        self._start = time.monotonic()
        self._looks = []

    def look(self):
        pid = self._gateway.process.pid
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            pss = next(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024
        self._looks.append((time.monotonic() - self._start, {
            "PSS MB": pss,
            "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
            "threads": len(os.listdir(f"/proc/{pid}/task")),
        }))

    def faults(self):
        found = []
        for name, slack in SLACK.items():
            middle, end = self._median(name, 0.25, 0.5), self._median(name, 0.75, 1)
            if end > middle * SHARE + slack:
                found.append(f"{name} grew from {middle:.1f} to {end:.1f}")
        return found

    def table(self):
        """Medians of each quarter."""
        rows = [
            f"| {name} | " + " | ".join(f"{self._median(name, at / 4, (at + 1) / 4):.1f}" for at in range(4)) + " |"
            for name in SLACK]
        return ("| of the gateway, median | first quarter | second | third | last |\n|---|---|---|---|---|\n"
                + "\n".join(rows) + "\n")

    def _median(self, name, first, last):
        whole = self._looks[-1][0] if self._looks else 0
        values = [figures[name] for when, figures in self._looks if first * whole <= when <= last * whole]
        return statistics.median(values) if values else 0.0
