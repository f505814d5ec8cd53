"""Redirect URIs: only registered ones, compared exactly."""

from urllib.parse import quote, urlsplit

from authlib.common.urls import add_params_to_uri  # type: ignore[import-untyped] # authlib ships no types

URI_CHARACTERS_MAX = 2_000
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


def belongs(uri: str, registered: tuple[str, ...]) -> bool:
    """Is it exactly one of the registered URIs, and still registrable?"""
    return uri in registered and registrable(uri)


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
