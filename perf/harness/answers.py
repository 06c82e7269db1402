"""Whether a proxy's answers are right: speed counts only for one whose answers are."""
import collections
import hashlib
import http.client
import http.server
import socket
import ssl
import threading

SMALL_BODY = b"x" * 128
BIG_BODY = bytes(33 + index % 90 for index in range(100 * 1024))
POSTED_BODY = bytes(35 + index % 88 for index in range(10 * 1024))
TIMEOUT_SECONDS = 10

Address = collections.namedtuple("Address", "port speaks_tls")


class EchoServer:
    """Sends a POST's body back. The nginx upstream forwards /echo here: nginx alone cannot show what it received."""

    def __init__(self, port):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _Echo)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class _Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


# Proxies are judged by their answers; whose certificate it is, the harness knows.
_TLS = ssl._create_unverified_context()


def faults_of(port, speaks_tls=False):
    """What the proxy on this port answers wrongly, as sentences; empty when all is right."""
    checks = {
        "GET 128 B, twice on one connection": _get_small_twice,
        "GET 100 KB": _get_big,
        "HEAD": _head,
        "POST 10 KB with a length": _post_with_length,
        "POST 10 KB chunked": _post_chunked,
        "two pipelined GETs": _pipelined,
    }
    faults = []
    for name, check in checks.items():
        try:
            fault = check(Address(port, speaks_tls))
        except (OSError, http.client.HTTPException) as error:
            fault = f"{type(error).__name__}: {error}"
        if fault:
            faults.append(f"{name}: {fault}")
    return faults


def _exchange(connection, method, path, body=None, **options):
    connection.request(method, path, body=body, **options)
    answer = connection.getresponse()
    return answer, answer.read()


def _connect(address):
    if address.speaks_tls:
        return http.client.HTTPSConnection("127.0.0.1", address.port, timeout=TIMEOUT_SECONDS, context=_TLS)
    return http.client.HTTPConnection("127.0.0.1", address.port, timeout=TIMEOUT_SECONDS)


def _differs(answer, body, expected):
    if answer.status != 200:
        return f"status {answer.status}"
    if body != expected:
        return f"{len(body)} bytes, {_digest(body)}, instead of {len(expected)} bytes, {_digest(expected)}"
    return None


def _digest(body):
    return hashlib.sha256(body).hexdigest()[:12]


def _get_small_twice(address):
    connection = _connect(address)
    for _ in range(2):
        fault = _differs(*_exchange(connection, "GET", "/small"), SMALL_BODY)
        if fault:
            return fault
    connection.close()
    return None


def _get_big(address):
    return _differs(*_exchange(_connect(address), "GET", "/big"), BIG_BODY)


def _head(address):
    answer, body = _exchange(_connect(address), "HEAD", "/small")
    if answer.getheader("Content-Length") != str(len(SMALL_BODY)):
        return f"Content-Length {answer.getheader('Content-Length')}"
    return _differs(answer, body, b"")


def _post_with_length(address):
    return _differs(*_exchange(_connect(address), "POST", "/echo", POSTED_BODY), POSTED_BODY)


def _post_chunked(address):
    pieces = (POSTED_BODY[start:start + 777] for start in range(0, len(POSTED_BODY), 777))
    return _differs(*_exchange(_connect(address), "POST", "/echo", pieces, encode_chunked=True), POSTED_BODY)


def _pipelined(address):
    one = b"GET /small HTTP/1.1\r\nHost: peers\r\n\r\n"
    last = b"GET /small HTTP/1.1\r\nHost: peers\r\nConnection: close\r\n\r\n"
    client = socket.create_connection(("127.0.0.1", address.port), timeout=TIMEOUT_SECONDS)
    with _TLS.wrap_socket(client) if address.speaks_tls else client as client:
        client.sendall(one + last)
        received = b""
        while piece := client.recv(65536):
            received += piece
    bodies = received.count(b"\r\n\r\n" + SMALL_BODY)
    return None if bodies == 2 else f"{bodies} bodies of 2 arrived"
