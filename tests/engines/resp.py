"""One Redis command over a plain blocking socket: enough to start, flush and ask servers without a client library."""

import socket
from typing import Any
from urllib.parse import urlsplit

import hiredis

TIMEOUT_S = 5.0


def command(where: int | str, *words: str | int) -> Any:
    """The reply of one command at a port, or at a URL with its password.

    Raises OSError when nobody answers and ``hiredis.ReplyError`` on an error reply.
    """
    address = urlsplit(where) if isinstance(where, str) else None
    port = address.port if address else where
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
        if address and address.password:
            _reply(connection, "AUTH", address.password)
        return _reply(connection, *words)


def _reply(connection: socket.socket, *words: str | int) -> Any:
    connection.sendall(hiredis.pack_command(words))  # type: ignore[arg-type]  # its stub names a tuple of one
    reader = hiredis.Reader(encoding="utf-8")
    while (reply := reader.gets()) is False:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError("closed")
        reader.feed(chunk)
    if isinstance(reply, hiredis.ReplyError):
        raise reply
    return reply


def info(where: int | str, section: str) -> dict[str, str]:
    """A section of INFO as a dictionary."""
    lines = str(command(where, "INFO", section)).splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def answers(where: int | str) -> bool:
    """Whether the server answers PING and has loaded its data."""
    try:
        return bool(command(where, "PING") == "PONG")
    except (OSError, hiredis.ReplyError):
        return False
