"""XML-RPC requests a second: getAllProcessInfo of N programs over the unix socket, by one client on one connection.

The client sends prepared bytes and looks at nothing but the length of the answer, so it costs next to nothing beside it.
"""
import socket
import statistics
import time

from peers import OurIni, Supervisord

CONTENDERS = [OurIni, Supervisord]
MEASURED_S = 3
WARM_UP = 3  # requests
BODY = b"<?xml version='1.0'?>\n<methodCall>\n<methodName>supervisor.getAllProcessInfo</methodName>\n<params></params>\n</methodCall>\n"
REQUEST = b"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
END_OF_HEAD = b"\r\n\r\n"


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(path))
        self.buffer = bytearray(1 << 20)

    def ask(self):
        """One request and its whole answer. Returns bytes of the answer's body."""
        self.socket.sendall(REQUEST)
        head = b""
        while END_OF_HEAD not in head:
            got = self.socket.recv(65536)
            if not got:
                raise ConnectionError(f"the connection was closed after {head!r}")
            head += got
        head, body = head.split(END_OF_HEAD, 1)
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        if not head.startswith(b"HTTP/1.1 200 "):
            raise ConnectionError(head.decode())
        left = length - len(body)
        while left > 0:
            got = self.socket.recv_into(self.buffer)
            if not got:
                raise ConnectionError(f"{left} bytes of {length} are missing")
            left -= got
        return length

    def close(self):
        self.socket.close()


def measure(tools, peer, count):
    """Requests a second, and the median time of one in milliseconds."""
    yard = peer(tools, count)
    try:
        yard.start()
        yard.settle()
        client = Client(yard.socket)
        for _ in range(WARM_UP):
            client.ask()
        taken = []
        begun = time.monotonic()
        while (now := time.monotonic()) - begun < MEASURED_S:
            client.ask()
            taken.append(time.monotonic() - now)
        client.close()
    finally:
        yard.end()
    return {"requests": len(taken) / sum(taken), "request_ms": statistics.median(taken) * 1e3}
