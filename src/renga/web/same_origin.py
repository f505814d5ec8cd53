"""Posts are taken from our own pages only: Sec-Fetch-Site, else Origin against Host (on top of SameSite cookies)."""

from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from renga.web.errors import CrossSiteRequest

_OWN = frozenset(("same-origin", "none"))


def is_own(sec_fetch_site: str | None, origin: str | None, host: str, public_host: str) -> bool:
    """Whether a post comes from our own pages. Clients that send neither header are no browser that could be misled."""
    if sec_fetch_site is not None:
        return sec_fetch_site in _OWN
    if origin is None:
        return True
    return urlsplit(origin).netloc in {host, public_host} - {""}


def guard_of(public_url: str) -> Any:
    """A Litestar guard that raises CrossSiteRequest."""
    public_host = urlsplit(public_url).netloc

    def same_origin(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        headers = connection.headers
        if not is_own(headers.get("sec-fetch-site"), headers.get("origin"), headers.get("host", ""), public_host):
            raise CrossSiteRequest

    return same_origin
