#!/usr/bin/env python3
"""upstream.py ADDRESS PORT: a small upstream that can be told to misbehave, one word a line on its standard input.

serve: answers. hang: reads and never answers. reset: breaks large answers off in the middle with RST.
count: prints how many requests it has answered. Ends with its standard input.
"""
import os
import re
import select
import socket
import struct
import sys

BIG_BYTES, SMALL_BYTES = 32 * 1024, 128
REQUEST_ID = re.compile(rb"\r\nx-request-id: *([^\r]*)", re.IGNORECASE)
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
NO_LINGER = struct.pack("ii", 1, 0)


class Upstream:
    def __init__(self, address, port):
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((address, port))
        self._listener.listen(4096)
        self._listener.setblocking(False)
        self._epoll = select.epoll()
        self._connections = {}
        self._mode = "serve"
        self._answered = 0

    def run(self):
        listener, commands = self._listener.fileno(), sys.stdin.fileno()
        os.set_blocking(commands, False)
        self._epoll.register(listener, select.EPOLLIN)
        self._epoll.register(commands, select.EPOLLIN)
        print("ready", flush=True)
        while True:
            for fd, _ in self._epoll.poll():
                if fd == listener:
                    self._accept()
                elif fd == commands:
                    if not self._obey(os.read(commands, 4096)):
                        return
                else:
                    self._receive(fd)

    def _obey(self, words):
        for word in words.decode().split():
            if word == "count":
                print(self._answered, flush=True)
            else:
                self._mode = word
                print(word, flush=True)
        return bool(words)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                return
            except ConnectionError:
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections[connection.fileno()] = connection, bytearray()
            self._epoll.register(connection.fileno(), select.EPOLLIN)

    def _receive(self, fd):
        connection, buffer = self._connections[fd]
        try:
            received = connection.recv(65536)
        except ConnectionError:
            received = b""
        if not received:
            self._close(fd)
            return
        buffer += received
        while True:
            end = buffer.find(b"\r\n\r\n") + 4
            if end < 4:
                return
            head = bytes(buffer[:end])
            length = LENGTH.search(head)
            end += int(length[1]) if length else 0
            if len(buffer) < end:
                return
            del buffer[:end]
            if self._mode != "hang" and not self._answer(fd, connection, head):
                return

    def _answer(self, fd, connection, head):
        """False when the connection is gone."""
        is_big = b"/big " in head.split(b"\r\n", 1)[0]
        request_id = REQUEST_ID.search(head)
        # The client knows its answer by the id.
        body = (request_id[1] if request_id else b"").ljust(BIG_BYTES if is_big else SMALL_BYTES, b".")
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        breaks_off = self._mode == "reset" and is_big
        try:
            connection.setblocking(True)
            connection.sendall(answer[:len(answer) // 2] if breaks_off else answer)
        except ConnectionError:
            self._close(fd)
            return False
        if breaks_off:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            self._close(fd)
            return False
        self._answered += 1
        return True

    def _close(self, fd):
        self._connections.pop(fd)[0].close()


if __name__ == "__main__":
    Upstream(sys.argv[1], int(sys.argv[2])).run()
