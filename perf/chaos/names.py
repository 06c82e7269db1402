"""A name service for one name: A records with a TTL of one second, which a test may change."""
import socket
import struct
import threading

TYPE_A, CLASS_INTERNET, TTL_SECONDS = 1, 1, 1
ANSWER_FLAGS = 0x8580


class Names:
    def __init__(self, addresses):
        self.addresses = addresses
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, client = self._socket.recvfrom(512)
            # One question, without compression: its name ends with an empty label.
            end = query.index(b"\0", 12) + 5
            question = query[12:end]
            is_address = struct.unpack("!H", question[-4:-2])[0] == TYPE_A
            addresses = self.addresses if is_address else []
            reply = query[:2] + struct.pack("!HHHHH", ANSWER_FLAGS, 1, len(addresses), 0, 0) + question
            for address in addresses:
                # The name is a pointer to the question's.
                reply += struct.pack("!HHHIH", 0xC00C, TYPE_A, CLASS_INTERNET, TTL_SECONDS, 4)
                reply += socket.inet_aton(address)
            self._socket.sendto(reply, client)
