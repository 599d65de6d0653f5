"""Readers that are plain sockets, on which a stream is asked for by hand."""

import socket
import ssl


def trusted(localhost):
    return ssl.create_default_context(cafile=localhost.chain)


def connect(world, method="GET", version="1.1", headers="", path="/all", buffer_bytes=0):
    """A plain socket on which a stream has been asked for."""
    reader = socket.socket()
    reader.settimeout(5)
    if buffer_bytes:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    reader.connect(("127.0.0.1", world.port))
    if world.over.certificate:
        reader = trusted(world.over.certificate).wrap_socket(reader, server_hostname="localhost")
    request = f"{method} {path} HTTP/{version}\r\nHost: x\r\nAuthorization: {world.sdk_key}\r\n{headers}\r\n"
    reader.sendall(request.encode())
    return reader


def read_until(reader, end):
    received = b""
    while not received.endswith(end):
        piece = reader.recv(2**16)
        assert piece, f"the stream ended after {received[-200:]!r}"
        received += piece
    return received


def read_to_end(reader):
    received = b""
    while piece := reader.recv(2**16):
        received += piece
    return received
