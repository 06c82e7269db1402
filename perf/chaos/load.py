"""A steady stream of requests over kept connections. What becomes of each is noted; nothing is asked twice."""
import collections
import dataclasses
import errno
import re
import select
import socket
import threading
import time

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
POSTED = b"p" * 200
PATIENCE_SECONDS = 10
REQUESTS_PER_CONNECTION = 50


@dataclasses.dataclass
class Loss:
    """A request without a complete 2xx answer. What: the status, or what the connection did instead."""
    request_id: str
    method: str
    what: str
    has_begun: bool


class Tally:
    def __init__(self):
        self.requests = 0
        self.succeeded = 0
        self.losses = []
        self.latencies = []

    def percentile_ms(self, share):
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


class _Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.received = bytearray()
        self.needed = 0
        self.request = None
        self.asked = 0


class Load(threading.Thread):
    """
    Sends at a fixed rate whatever the answers do; latencies count from the moment a request was due. Of twenty requests
    one is a POST and one asks for a large answer. After fifty a connection is closed and another one opened.
    """

    def __init__(self, port, name, rate, connections, prefix=""):
        super().__init__(daemon=True)
        self.tally = Tally()
        self._port = port
        self._name = name
        self._rate = rate
        self._prefix = prefix
        self._epoll = select.epoll()
        self._by_fd = {}
        self._idle = collections.deque()
        self._stopping = False
        self._replaces = True
        self._error = None
        for number in range(connections):
            self._connect()
            # Else all of them would reach their last request together.
            self._idle[-1].asked = number % REQUESTS_PER_CONNECTION

    def stop(self):
        """Sends no more, waits for the answers still due and returns the tally."""
        self._stopping = True
        self.join()
        if self._error:
            raise self._error
        return self.tally

    def no_new_connections(self):
        """As a balancer whose probe has failed: connections that end are not replaced."""
        self._replaces = False

    def run(self):
        try:
            self._run()
        except BaseException as error:  # pylint: disable=broad-except
            self._error = error
        finally:
            for connection in self._by_fd.values():
                connection.socket.close()
            self._epoll.close()

    def _run(self):
        start = time.monotonic()
        issued, looked = 0, start
        while True:
            now = time.monotonic()
            due = 0 if self._stopping else int((now - start) * self._rate) - issued
            while due > 0 and self._idle:
                connection = self._idle.popleft()
                # It may have ended while it was idle.
                if connection.socket.fileno() < 0:
                    continue
                self._ask(connection, issued, start + issued / self._rate)
                issued += 1
                due -= 1
            if len(self._by_fd) == 0 or self._stopping and all(c.request is None for c in self._by_fd.values()):
                return
            for fd, _ in self._epoll.poll(0.002):
                if fd in self._by_fd:
                    self._receive(self._by_fd[fd])
            if now - looked > 1:
                looked = now
                self._give_up(now)

    def _ask(self, connection, number, due):
        kind = number % 20
        method, path = ("POST", "/post") if kind == 5 else ("GET", "/big" if kind == 15 else "/small")
        request_id = f"{self._name}-{number}"
        connection.asked += 1
        is_last = self._replaces and connection.asked >= REQUESTS_PER_CONNECTION
        head = (f"{method} {self._prefix}{path} HTTP/1.1\r\nHost: chaos\r\nX-Request-Id: {request_id}\r\n"
                + ("Connection: close\r\n" if is_last else "")
                + (f"Content-Length: {len(POSTED)}\r\n" if method == "POST" else "") + "\r\n").encode()
        connection.request = request_id, method, due
        self.tally.requests += 1
        try:
            connection.socket.send(head + POSTED if method == "POST" else head)
        except OSError as error:
            self._lose(connection, errno.errorcode.get(error.errno, "send"))

    def _receive(self, connection):
        try:
            received = connection.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(connection, errno.errorcode.get(error.errno, "receive"))
            return
        if not received:
            self._end(connection, "closed")
            return
        buffer = connection.received
        buffer += received
        if connection.needed == 0:
            head_bytes = buffer.find(b"\r\n\r\n") + 4
            if head_bytes < 4:
                return
            length = LENGTH.search(buffer, 0, head_bytes)
            connection.needed = head_bytes + int(length[1])
        if len(buffer) >= connection.needed:
            self._finish(connection)

    def _finish(self, connection):
        request_id, method, due = connection.request
        head, _, body = bytes(connection.received).partition(b"\r\n\r\n")
        status = int(head[9:12])
        if 200 <= status < 300 and body.startswith(request_id.encode() + b"."):
            self.tally.succeeded += 1
            self.tally.latencies.append(time.monotonic() - due)
        else:
            what = "wrong answer" if 200 <= status < 300 else str(status)
            self.tally.losses.append(Loss(request_id, method, what, has_begun=False))
        connection.request = None
        connection.received = bytearray()
        connection.needed = 0
        if b"\r\nconnection: close" in head.lower():
            self._replace(connection)
        else:
            self._idle.append(connection)

    def _end(self, connection, what):
        if connection.request:
            self._lose(connection, what)
        else:
            self._replace(connection)

    def _lose(self, connection, what):
        request_id, method, _ = connection.request
        self.tally.losses.append(Loss(request_id, method, what, has_begun=len(connection.received) > 0))
        self._replace(connection)

    def _give_up(self, now):
        for connection in list(self._by_fd.values()):
            if connection.request and now - connection.request[2] > PATIENCE_SECONDS:
                self._lose(connection, "no answer")

    def _connect(self):
        connection = _Connection(self._port)
        self._by_fd[connection.socket.fileno()] = connection
        self._epoll.register(connection.socket.fileno(), select.EPOLLIN)
        self._idle.append(connection)

    def _replace(self, connection):
        del self._by_fd[connection.socket.fileno()]
        connection.socket.close()
        if self._replaces and not self._stopping:
            self._connect()
