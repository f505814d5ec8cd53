"""The shop's pictures over HTTP, cacheable for ever: ``/media/<hash>`` and ``/media/<hash>/<width>.webp`` (or ``.jpg``)."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from renga.platform.auth.access import PUBLIC
from renga.platform.media.library import PREFIX, SIZES, MediaLibrary, PictureNotFound

#: The content under a hash never changes.
CACHE_CONTROL = "public, max-age=31536000, immutable"
_HEADERS = {
    "cache-control": CACHE_CONTROL,
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "content-disposition": "inline",
}


def routes(library: MediaLibrary) -> list[Any]:
    """The handlers of the merchants' pictures."""

    @get(f"{PREFIX}/{{digest:str}}", include_in_schema=False, opt={"access": PUBLIC})
    async def original(digest: FromPath[str]) -> Response[bytes]:
        kind, content = await library.original(digest)
        return Response(content, media_type=kind, headers=_HEADERS)

    @get(f"{PREFIX}/{{digest:str}}/{{size:str}}", include_in_schema=False, opt={"access": PUBLIC})
    async def size(digest: FromPath[str], size: FromPath[str]) -> Response[bytes]:
        width, dot, ending = size.partition(".")
        if ending not in SIZES or not dot or not (width.isascii() and width.isdigit() and len(width) <= 4):
            raise PictureNotFound()
        if str(int(width)) != width:
            raise PictureNotFound()
        made = await library.size(digest, int(width), ending)
        return Response(made, media_type=SIZES[ending], headers=_HEADERS)

    return [original, size]
