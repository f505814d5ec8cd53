"""Accepts posts only from our own pages: checks Sec-Fetch-Site, else Origin against Host (in addition to SameSite cookies)."""

from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from renga.frontends.web.errors import CrossSiteRequest
from renga.platform.sessions.csrf import is_own as is_own


def guard_of(public_url: str) -> Any:
    """A Litestar guard that raises CrossSiteRequest."""
    public_host = urlsplit(public_url).netloc

    def same_origin(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        headers = connection.headers
        if not is_own(headers.get("sec-fetch-site"), headers.get("origin"), headers.get("host", ""), public_host):
            raise CrossSiteRequest

    return same_origin
