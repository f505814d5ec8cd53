"""Redirect URIs: only registered ones, compared exactly."""

import re
from urllib.parse import quote, urlsplit

from authlib.common.urls import add_params_to_uri  # type: ignore[import-untyped] # authlib ships no types

URI_CHARACTERS_MAX = 2_000
#: An address of a listener on the loopback interface, by its IP: host, port, path and query.
_LISTENER = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::([1-9][0-9]{0,4}))?(/.*)?")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def registrable(uri: str) -> bool:
    """May a client register this URI? https, http on loopback, or a private scheme with a dot (RFC 8252)."""
    if not 0 < len(uri) <= URI_CHARACTERS_MAX or not uri.isascii() or not uri.isprintable():
        return False
    if set(uri) & set(' "<>\\^`{|}#'):
        return False
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if "@" in parts.netloc:
        return False
    if parts.scheme == "https":
        return bool(host)
    if parts.scheme == "http":
        return host in _LOOPBACK
    return "." in parts.scheme and not parts.netloc


def belongs(uri: str, registered: tuple[str, ...], *, any_port: bool = False) -> bool:
    """Exactly one of the registered addresses, and one that may be registered at all.

    ``any_port``: a native application listens where it finds a free port, so that of a loopback IP does not count (RFC 8252
    §7.3). ``localhost`` is a name and may be somebody else's (§8.3): its port counts.
    """
    if not registrable(uri):
        return False
    return uri in registered or (any_port and _portless(uri) in {_portless(one) or "" for one in registered})


def _portless(uri: str) -> str | None:
    listener = _LISTENER.fullmatch(uri)
    return None if listener is None else f"{listener[1]}{listener[3] or ''}"


def with_parameters(uri: str, parameters: list[tuple[str, str]]) -> str:
    """The URI with parameters added to its query."""
    return str(add_params_to_uri(uri, parameters))


def own_path(path: str, **parameters: str | None) -> str:
    """A local path with a query."""
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items() if value is not None)
    return f"{path}?{query}" if query else path


def origin_of(uri: str) -> str:
    """The part of a URI that a person recognises: its host, or its private scheme."""
    parts = urlsplit(uri)
    return parts.netloc or f"{parts.scheme}:"
