"""One Redis command over a plain blocking socket: enough to start, flush and ask servers without a client library."""

import socket
from typing import Any

import hiredis

TIMEOUT_S = 5.0


def command(port: int, *words: str | int) -> Any:
    """The reply of one command; raises OSError when nobody answers and ``hiredis.ReplyError`` on an error reply."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
        packed = hiredis.pack_command(words)  # type: ignore[arg-type]  # its stub names a tuple of one
        connection.sendall(packed)
        reader = hiredis.Reader(encoding="utf-8")
        while True:
            chunk = connection.recv(65536)
            if not chunk:
                raise ConnectionError("closed")
            reader.feed(chunk)
            reply = reader.gets()
            if reply is not False:
                break
    if isinstance(reply, hiredis.ReplyError):
        raise reply
    return reply


def info(port: int, section: str) -> dict[str, str]:
    """A section of INFO as a dictionary."""
    lines = str(command(port, "INFO", section)).splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def answers(port: int) -> bool:
    """Whether the server answers PING and has loaded its data."""
    try:
        return bool(command(port, "PING") == "PONG")
    except (OSError, hiredis.ReplyError):
        return False
