"""Static files, read once at start-up and served under names with a content hash, so that they can be cached forever."""

import gzip
import hashlib
from importlib.resources import files
from typing import Any

import msgspec
from litestar import Request, Response

from renga.frontends.web.errors import PageNotFound

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_HASH_DIGITS = 12
_FOREVER = "public, max-age=31536000, immutable"


class Asset(msgspec.Struct, frozen=True):
    name: str
    media_type: str
    body: bytes
    zipped: bytes


class Assets:
    """All files of ``static/``: ``url("storefront.css")`` is ``/static/storefront.<hash>.css``."""

    def __init__(self) -> None:
        self._urls: dict[str, str] = {}
        self._by_name: dict[str, Asset] = {}
        for file in files("renga.frontends.web").joinpath("static").iterdir():
            stem, _, kind = file.name.rpartition(".")
            if kind in _TYPES:
                body = file.read_bytes()
                name = f"{stem}.{hashlib.sha256(body).hexdigest()[:_HASH_DIGITS]}.{kind}"
                self._urls[file.name] = f"/static/{name}"
                self._by_name[name] = Asset(name, _TYPES[kind], body, gzip.compress(body, 9, mtime=0))

    def url(self, file_name: str) -> str:
        return self._urls[file_name]

    def answer(self, name: str, request: Request[Any, Any, Any]) -> Response[bytes]:
        asset = self._by_name.get(name)
        if asset is None:
            raise PageNotFound
        headers = {"cache-control": _FOREVER, "vary": "Accept-Encoding"}
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        if zipped:
            headers["content-encoding"] = "gzip"
        return Response(asset.zipped if zipped else asset.body, headers=headers, media_type=asset.media_type)
