#!/usr/bin/python3
"""A FastCGI responder on descriptor 0, one connection and one request at a time: answers with its pid and the path."""
import os
import socket
import struct
import sys

BEGIN_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
HEADER = struct.Struct(">BBHHBx")


def read_exactly(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def read_length(data, at):
    if data[at] < 128:
        return data[at], at + 1
    return struct.unpack_from(">I", data, at)[0] & 0x7fffffff, at + 4


def parse_params(data):
    params, at = {}, 0
    while at < len(data):
        name_size, at = read_length(data, at)
        value_size, at = read_length(data, at)
        name = data[at:at + name_size].decode()
        params[name] = data[at + name_size:at + name_size + value_size].decode()
        at += name_size + value_size
    return params


def serve(connection):
    params = b""
    while True:
        _, kind, request, size, padding = HEADER.unpack(read_exactly(connection, HEADER.size))
        content = read_exactly(connection, size + padding)[:size]
        if kind == PARAMS:
            params += content
        if kind == STDIN and size == 0:
            break
    path = parse_params(params).get("SCRIPT_NAME", "")
    if path == "/die":
        os._exit(3)
    body = f"Content-Type: text/plain\r\n\r\npid {os.getpid()} {path}\n".encode()
    for kind, content in ((STDOUT, body), (STDOUT, b""), (END_REQUEST, bytes(8))):
        connection.sendall(HEADER.pack(1, kind, request, len(content), 0) + content)


def main():
    listener = socket.socket(fileno=0)
    print("listening", listener.getsockname(), flush=True)
    while True:
        connection, _ = listener.accept()
        with connection:
            try:
                serve(connection)
            except (EOFError, ConnectionError) as error:
                print(repr(error), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
