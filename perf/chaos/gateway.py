"""The gateway under test: its configuration, its admin listener, its access log, and the way to its end."""
import collections
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import time

from harness.processes import Child

PERF = pathlib.Path(__file__).resolve().parent.parent
SAMPLE = re.compile(r"^(dataplane_\w+)(?:\{(.*)\})? (\S+)")
OUTCOME = re.compile(r'(?:outcome|reason)="([^"]*)"')


def built():
    """The folder of a Release build that is newer than its sources; builds one when there is none."""
    command = (
        '. "$1/peers/publish.sh"; root=$1/..; built_or_published "$root/src/DataPlane/DataPlane.csproj" '
        '"$1/peers/obj/dataplane" "$root/src" "$root/Directory.Build.props" "$root/Directory.Packages.props" '
        '"$root/global.json" && echo "$built"')
    done = subprocess.run(["bash", "-c", command, "chaos", str(PERF)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError("the gateway cannot be built")
    return done.stdout.strip()


class Figures:
    """What /metrics says of one moment, as far as losses are concerned."""

    def __init__(self, page):
        self.requests = 0
        self.outcomes = collections.Counter()
        self.values = {}
        for name, labels, value in (match.groups() for match in map(SAMPLE.match, page.splitlines()) if match):
            if name == "dataplane_http_requests_total":
                self.requests += int(float(value))
            elif name in ("dataplane_upstream_requests_total", "dataplane_rejected_requests_total"):
                self.outcomes[OUTCOME.search(labels)[1]] += int(float(value))
            else:
                # Of one name all label values together.
                self.values[name] = self.values.get(name, 0) + float(value)


class Gateway:
    def __init__(self, folder, port, name_port, endpoints, named_port, response_timeout):
        self.port = port
        self._admin_port = port + 1
        self._file = os.path.join(folder, "gateway.json")
        self._log = os.path.join(folder, "access.log")
        self._real_log = os.path.join(folder, "access-real.log")
        self._name_port, self._endpoints, self._named_port = name_port, endpoints, named_port
        self._response_timeout = response_timeout
        self._read_bytes = 0
        open(self._real_log, "wb").close()
        os.symlink(self._real_log, self._log)
        self.write(self.configuration())
        command = ["dotnet", os.path.join(built(), "dataplane.dll"), "run", "--config", self._file]
        # The admin listener is bound last.
        self.process = Child("dataplane", command, self._admin_port, os.path.join(folder, "dataplane.log"))

    def configuration(self, variant=0):
        """Variants differ in routes, weights and, every third, in the endpoints themselves."""
        endpoints = [{"url": url, "weight": 1 + (variant % 2) * (index == 0)}
                     for index, url in enumerate(self._endpoints)]
        patience = {
            "timeouts": {"connect": "1s", "response": self._response_timeout},
            "connections": {"max": 4096, "idle": 1024},
            "retries": {"attempts": 2, "on": ["connectFailure", "reset", "timeout"], "budget": "50%"},
            "health": {"passive": {"failures": 5, "ejection": "1s"}},
        }
        return {
            "listeners": [{"name": "clients", "address": f"127.0.0.1:{self.port}"}],
            "admin": {"address": f"127.0.0.1:{self._admin_port}"},
            "limits": {"drainGrace": "1s", "drainTimeout": "20s"},
            # The ids of requests become those of the client, so that each can be found in the log.
            "forwarding": {"trustedProxies": ["127.0.0.1"]},
            "accessLog": {"to": f"file:{self._log}"},
            "dns": {"resolvers": [f"127.0.0.1:{self._name_port}"], "minimumTtl": "1s", "maximumTtl": "1s"},
            "upstreams": {
                "three": {"endpoints": endpoints[:2] if variant % 3 == 2 else endpoints, **patience},
                "named": {"endpoints": [f"http://chaos.test:{self._named_port}"], **patience},
            },
            "routes": [
                {"id": "named", "match": {"path": "/named/{path+}"}, "to": {"upstream": "named"}},
                {"id": "three", "match": {"path": "/{path+}"}, "to": {"upstream": "three"}},
                {"id": f"extra-{variant}", "match": {"path": f"/extra/{variant}"}, "to": {"mock": {"status": 204}}},
            ],
        }

    def write(self, configuration):
        """As an editor or a deployment does: beside the old file, then renamed."""
        with open(self._file + ".new", "w") as file:
            json.dump(configuration, file)
        os.replace(self._file + ".new", self._file)

    def send(self, number):
        os.kill(self.process.pid, number)

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self._admin_port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def figures(self):
        return Figures(self.ask("GET", "/metrics")[1])

    def fill_disk(self):
        self._point_log_to("/dev/full")

    def free_disk(self):
        self._point_log_to(self._real_log)

    def _point_log_to(self, target):
        os.symlink(target, self._log + ".new")
        os.replace(self._log + ".new", self._log)
        self.send(signal.SIGUSR1)
        # The writer's thread opens it at its next turn, 50 ms at most.
        time.sleep(0.3)

    def log_lines(self, expected, seconds=5):
        """The lines since the last call, once there are as many as expected, or the time is up."""
        # Twice the time after which the writer's thread looks again, whether lines are expected or not.
        time.sleep(0.1)
        deadline = time.monotonic() + seconds
        while True:
            with open(self._real_log, "rb") as file:
                file.seek(self._read_bytes)
                whole = file.read()
            whole = whole[:whole.rfind(b"\n") + 1]
            if whole.count(b"\n") >= expected or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        self._read_bytes += len(whole)
        return [json.loads(line) for line in whole.splitlines()]
