"""Processes under measurement: started in a session of their own, read through /proc, stopped as a group."""
import os
import resource
import signal
import socket
import subprocess
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def raise_file_limit():
    """Children inherit it: 10,000 idle connections need twice as many descriptors in a proxy."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Child:
    """A server in the foreground of its own session, so that stopping it reaches its workers and nobody else's."""

    def __init__(self, name, command, port, log_path, start_seconds=180):
        self.name = name
        self.port = port
        self._log_path = log_path
        self._log = open(log_path, "wb")
        self._process = subprocess.Popen(
            command, shell=isinstance(command, str), stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=self._log, start_new_session=True)
        self._wait_until_it_accepts(start_seconds)

    def _wait_until_it_accepts(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(
                    f"{self.name} ended with {self._process.returncode} while starting:\n{self.log_tail()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"{self.name} does not accept on port {self.port}:\n{self.log_tail()}")

    def log_tail(self):
        with open(self._log_path, errors="replace") as log:
            return "".join(log.readlines()[-20:])

    def is_alive(self):
        return self._process.poll() is None

    @property
    def pid(self):
        return self._process.pid

    def wait(self, seconds):
        """The exit code, when it ends by itself within so many seconds."""
        return self._process.wait(seconds)

    def pids(self):
        """The process and all its descendants."""
        children = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                fields = _stat_fields(int(entry))
                if fields:
                    children.setdefault(int(fields[1]), []).append(int(entry))
        found, pending = [], [self._process.pid]
        while pending:
            pid = pending.pop()
            found.append(pid)
            pending.extend(children.get(pid, []))
        return found

    def cpu_seconds(self):
        """(user, system) seconds used so far by all threads of all the processes."""
        user = system = 0
        for pid in self.pids():
            fields = _stat_fields(pid)
            if fields:
                user += int(fields[11])
                system += int(fields[12])
        return user / TICKS_PER_SECOND, system / TICKS_PER_SECOND

    def pss_kib(self):
        """Proportional set size: memory that workers share is counted once."""
        return sum(_pss_kib(pid) for pid in self.pids())

    def stop(self):
        for sign, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            try:
                os.killpg(self._process.pid, sign)
                self._process.wait(seconds)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self._log.close()


def _stat_fields(pid):
    """The fields of /proc/PID/stat after the name, which may itself hold spaces and brackets."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def _pss_kib(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
