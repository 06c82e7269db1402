"""The servers of a measurement: the upstream and the proxies in front of it."""
import os
import pathlib
import random
import socket
import subprocess

from harness import answers, messages
from harness.processes import Child

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"
BUILT_IN = ("nginx", "haproxy", "yarp", "dataplane")
BUILT_IN_TLS = ("nginx", "dataplane")
# A managed proxy may have to be built first, which on a busy machine takes minutes.
START_SECONDS = 900


def free_ports(count):
    """The first of so many free ports in a row, below those the kernel hands out to clients."""
    for _ in range(100):
        first = random.randrange(15_000, 30_000, 100)
        if all(_is_free(port) for port in range(first, first + count)):
            return first
    raise RuntimeError(f"no {count} free ports in a row")


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Lineup:
    """Starts the upstream and the proxies in order; leaving the block stops everything it started."""

    def __init__(self, specs, run_folder, base_port, speaks_tls=False, speaks_websocket=False,
                 speaks_http2=False):
        self._specs = specs
        self._speaks_websocket = speaks_websocket
        self._run = run_folder
        self._speaks_tls = speaks_tls
        self._speaks_http2 = speaks_http2
        base_port = base_port or free_ports(10 + 10 * len(specs))
        self._upstream_port = base_port
        self._echo_port = base_port + 1
        self._first_proxy_port = base_port + 10
        self._started = []

    def __enter__(self):
        try:
            if self._speaks_tls:
                self._make_certificate()
            if self._speaks_websocket:
                # Without an nginx before it, which would take as much of the machine as the proxy that is measured.
                log_path = os.path.join(self._run, "websocket-echo.log")
                self._started.append(messages.echo(self._upstream_port, log_path))
            else:
                self._started.append(answers.EchoServer(self._echo_port))
                self._started.append(self._start_upstream())
            # Ports in steps of ten: a managed proxy has its admin listener on the next port.
            return [self._start_proxy(spec, self._first_proxy_port + 10 * index)
                    for index, spec in enumerate(self._specs)]
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for server in reversed(self._started):
            server.stop()

    def _start_upstream(self):
        www = os.path.join(self._run, "www")
        os.makedirs(www, exist_ok=True)
        with open(os.path.join(www, "big.bin"), "wb") as file:
            file.write(answers.BIG_BODY)
        config = self._render("upstream.conf", port=self._upstream_port, echo=self._echo_port,
                              small=answers.SMALL_BODY.decode())
        return self._start("upstream", ["nginx", "-p", self._run, "-c", config], self._upstream_port)

    def _start_proxy(self, spec, port):
        name, _, command = spec.partition("=")
        child = self._start(name, self._command(name, command, port), port)
        self._started.append(child)
        return child

    def _command(self, name, command, port):
        upstream = f"127.0.0.1:{self._upstream_port}"
        if command:
            return command.replace("{port}", str(port)).replace("{upstream}", upstream).replace("{run}", self._run)
        if name == "nginx":
            tls = f" ssl; ssl_certificate {self._file('cert.pem')}; ssl_certificate_key {self._file('key.pem')}"
            config = self._render("nginx.conf", port=port, upstream=upstream, tls=tls if self._speaks_tls else " http2" if self._speaks_http2 else "")
            return ["nginx", "-p", self._run, "-c", config]
        if self._speaks_tls and name == "dataplane":
            return [str(PEERS / "dataplane.sh"), str(port), upstream, "--tls", self._file("cert.pem"),
                    self._file("key.pem")]
        if self._speaks_tls or (self._speaks_http2 and name not in BUILT_IN_TLS):
            raise RuntimeError(f"{name}: only {' and '.join(BUILT_IN_TLS)} are set up for TLS and HTTP/2")
        if name == "haproxy":
            return ["haproxy", "-db", "-f", self._render("haproxy.cfg", port=port, upstream=upstream)]
        if name == "varnish":
            config = self._render("varnish.vcl", port=port, upstream_port=self._upstream_port)
            return ["varnishd", "-F", "-j", "none", "-n", self._file("varnish"), "-T", "none", "-s", "malloc,64m",
                    "-a", f"127.0.0.1:{port}", "-f", config]
        if name in BUILT_IN:
            return [str(PEERS / f"{name}.sh"), str(port), upstream]
        raise RuntimeError(f"{name}: not one of {', '.join((*BUILT_IN, 'varnish'))}, and no command was given (NAME=COMMAND)")

    def _make_certificate(self):
        """ECDSA on P-256, as ACME clients make it: a handshake by RSA would be another measurement."""
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=peers", "-keyout", self._file("key.pem"), "-out", self._file("cert.pem")],
            check=True, capture_output=True)

    def _file(self, name):
        return os.path.join(self._run, name)

    def _start(self, name, command, port):
        return Child(name, command, port, os.path.join(self._run, f"{name}-{port}.log"), START_SECONDS)

    def _render(self, template, **values):
        text = (PEERS / template).read_text()
        for key, value in dict(values, run=self._run, cores=os.cpu_count()).items():
            text = text.replace("{{" + key + "}}", str(value))
        path = os.path.join(self._run, template)
        pathlib.Path(path).write_text(text)
        return path
