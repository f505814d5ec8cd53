"""Is the shop's port free? Asked before anything is made, and said so that whoever started the shop knows what to type."""

import errno
import os
import socket
from pathlib import Path

from renga.kernel.errors import Conflict
from renga.platform.engines.folder import DataFolder
from renga.platform.engines.running_shops import running_shops
from renga.platform.settings import PlatformSettings

#: Ports above the one that is taken, tried in turn, one of which is proposed.
PROPOSALS_MAX = 50


class PortTaken(Conflict):
    code = "port_taken"
    title = "The port is taken"


def check_port(platform: PlatformSettings) -> None:
    """Raises PortTaken, unless the shop of this very data folder runs: that is said by its lock, and says more."""
    if DataFolder(Path(platform.data)).holder():
        return
    reason = _refusal(platform.host, platform.port)
    if reason:
        raise PortTaken(said_of(platform.host, platform.port, reason))


def said_of(host: str, port: int, reason: str) -> str:
    """Who has the port, if it is a shop of this user, and how to choose another."""
    owner = next((shop for shop in running_shops() if shop.url.endswith(f":{port}")), None)
    whose = f" (by the shop on {owner.data})" if owner else ""
    free = next((other for other in _above(port) if not _refusal(host, other)), None)
    other = str(free) if free else "…"
    return f"cannot listen on {host}:{port}, {reason}{whose}: choose another, `make run PORT={other}` (`renga up --port {other}`)"


def _above(port: int) -> range:
    return range(port + 1, min(port + 1 + PROPOSALS_MAX, 65_536))


def _refusal(host: str, port: int) -> str:
    """Why nobody can listen there now; empty: somebody can."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in addresses:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
                probe.listen(1)
    except socket.gaierror as error:
        return (error.strerror or str(error)).lower()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        return "it is taken" if taken else os.strerror(error.errno or 0).lower()
    return ""
