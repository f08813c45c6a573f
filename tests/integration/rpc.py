"""XML-RPC over a unix socket, and the raw HTTP below it."""
import http.client
import socket
import xmlrpc.client

RpcError = (http.client.HTTPException, xmlrpc.client.ProtocolError, xmlrpc.client.ResponseError)
Fault = xmlrpc.client.Fault


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=60):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        # Without a timeout yet: with one, a full queue of connections is an error at once and not a reason to wait.
        self.sock.connect(self.path)
        self.sock.settimeout(self.timeout)


class UnixTransport(xmlrpc.client.Transport):
    """One connection a call: a test must not depend on a connection that a restart closed."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def single_request(self, *arguments, **keywords):
        try:
            return super().single_request(*arguments, **keywords)
        finally:
            self.close()

    def make_connection(self, host):
        self._connection = host, UnixConnection(self.path)
        return self._connection[1]

    def send_headers(self, connection, headers):
        super().send_headers(connection, [*headers, ("Connection", "close")])


def connect(path):
    return xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=UnixTransport(path))


def fault_of(call, *arguments):
    """The fault string of a call that must fail."""
    try:
        answer = call(*arguments)
    except Fault as fault:
        return fault.faultString
    raise AssertionError(f"no fault but {answer!r}")


def raw_socket(path, seconds=30):
    """A connected socket for bytes that no client library would send."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(seconds)
    connection.connect(str(path))
    return connection


def call_bytes(method, *arguments, headers=""):
    """One XML-RPC request as bytes of HTTP/1.1."""
    body = xmlrpc.client.dumps(arguments, method).encode()
    return f"POST /RPC2 HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Responses:
    """Reads HTTP responses with a Content-Length one after the other from a socket."""

    def __init__(self, connection):
        self.stream = connection.makefile("rb")

    def next(self):
        """(status, headers with lower-case names, body), or None at the end of the stream."""
        first = self.stream.readline()
        if not first:
            return None
        headers = {}
        while (line := self.stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        body = self.stream.read(int(headers.get("content-length", 0)))
        return int(first.split()[1]), headers, body
