"""Static files, read once at start-up and served under names with a content hash, so that they can be cached forever."""

import gzip
import hashlib
from importlib.resources import files
from typing import Any

import msgspec
from litestar import Request, Response

from renga.frontends.web.errors import PageNotFound
from renga.platform.http.compression import accepts_gzip

_TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "jpg": "image/jpeg",
    "ico": "image/x-icon",
}
#: Compressed already.
_DENSE = ("image/jpeg", "image/x-icon")
_HASH_DIGITS = 12
_FOREVER = "public, max-age=31536000, immutable"


class Asset(msgspec.Struct, frozen=True):
    name: str
    media_type: str
    body: bytes
    zipped: bytes | None


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
                zipped = None if _TYPES[kind] in _DENSE else gzip.compress(body, 9, mtime=0)
                self._by_name[name] = Asset(name, _TYPES[kind], body, zipped)

    def url(self, file_name: str) -> str:
        return self._urls[file_name]

    def answer(self, name: str, request: Request[Any, Any, Any]) -> Response[bytes]:
        asset = self._by_name.get(name)
        if asset is None:
            raise PageNotFound
        headers = {"cache-control": _FOREVER}
        if asset.zipped is None:
            return Response(asset.body, headers=headers, media_type=asset.media_type)
        headers["vary"] = "Accept-Encoding"
        if not accepts_gzip(request.scope["headers"]):
            return Response(asset.body, headers=headers, media_type=asset.media_type)
        return Response(asset.zipped, headers=headers | {"content-encoding": "gzip"}, media_type=asset.media_type)

    def plain(self, file_name: str, headers: dict[str, str]) -> Response[bytes]:
        """A file under a name that never changes, for a while."""
        asset = self._by_name[self._urls[file_name].rpartition("/")[2]]
        return Response(asset.body, headers=headers, media_type=asset.media_type)
