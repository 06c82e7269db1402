"""Messages over WebSockets: an echo behind the proxies, and the load that sends to it."""
import dataclasses
import json
import pathlib
import subprocess

from harness import load
from harness.processes import Child

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PATH = "/websocket"

# One thread that does what its sockets are ready for, as wrk and nginx do. By the thread pool, whose workers spin for
# work, the two take three quarters of the machine from the proxy between them, and most switches are theirs.
EVENT_LOOP = ("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1", "DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0")


@dataclasses.dataclass
class Messages:
    """What a run sends: every connection one message at a time, of so many bytes."""
    message_bytes: int


def echo(port, log_path):
    """The upstream that sends every message back."""
    return Child("websocket-echo", [*_tools(), "websocket-echo", "--port", str(port)], port, log_path)


def closed_loop(port, messages, connections, seconds):
    """As load.closed_loop; a message and its echo are a request."""
    command = [*_tools(), "websocket-load", "--port", str(port), "--path", PATH, "--connections", str(connections),
               "--seconds", str(load.whole(seconds)), "--bytes", str(messages.message_bytes)]
    told = json.loads(load.run(command))
    return load.Outcome(
        told["messages"], told["messages"] / told["seconds"], told["p50_ms"], told["p99_ms"],
        refused=0, failed=told["failed"])


def _tools():
    """The command of tools/DataPlane.Tools, built on demand."""
    script = (f". '{ROOT}/perf/peers/publish.sh'; "
              f"built_or_published '{ROOT}/tools/DataPlane.Tools/DataPlane.Tools.csproj' "
              f"'{ROOT}/perf/peers/obj/tools' '{ROOT}/tools' '{ROOT}/Directory.Build.props'; echo \"$built\"")
    built = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True).stdout.strip()
    return ["env", *EVENT_LOOP, "dotnet", f"{built}/dataplane-tools.dll"]
