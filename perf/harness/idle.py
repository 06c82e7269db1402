"""Memory per idle keep-alive connection."""
import dataclasses
import socket
import time

SETTLE_SECONDS = 15


@dataclasses.dataclass
class IdleFigures:
    """Process memory in KiB: before, with the connections open and idle, after they closed."""
    connections: int
    before_kib: float
    open_kib: float
    closed_kib: float

    @property
    def per_connection_kib(self):
        return (self.open_kib - self.before_kib) / self.connections

    @property
    def kept_per_connection_kib(self):
        return (self.closed_kib - self.before_kib) / self.connections


def measure(child, count):
    """Opens the connections, makes one request on each, and leaves them alone."""
    before = settled_pss_kib(child)
    clients = []
    try:
        for _ in range(count):
            clients.append(_connection_with_one_exchange(child.port))
        opened = settled_pss_kib(child)
        _refuse_closed(child, clients)
    finally:
        for client in clients:
            client.close()
    return IdleFigures(count, before, opened, settled_pss_kib(child))


def settled_pss_kib(child):
    """The memory once it has stopped moving by more than 1 % between looks a second apart, or after a while."""
    previous = child.pss_kib()
    for _ in range(SETTLE_SECONDS):
        time.sleep(1)
        current = child.pss_kib()
        if abs(current - previous) <= 0.01 * previous:
            return current
        previous = current
    return previous


def _connection_with_one_exchange(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(b"GET /small HTTP/1.1\r\nHost: peers\r\n\r\n")
    received = b""
    while not received.endswith(b"x" * 128):
        piece = client.recv(4096)
        if not piece:
            raise RuntimeError(f"port {port} closed a connection after {len(received)} bytes")
        received += piece
    return client


def _refuse_closed(child, clients):
    """A proxy that closed some of them would look frugal."""
    for client in clients:
        client.setblocking(False)
        try:
            if client.recv(1) == b"":
                raise RuntimeError(f"{child.name} closed idle connections")
        except BlockingIOError:
            continue
