"""Documents that change only with the program: sent with an ETag, or answered with 304."""

from litestar import Response

from renga.platform.http.etags import etag_of, matches
from renga.platform.http.requests import AnyRequest


def tagged(request: AnyRequest, body: bytes, media_type: str, headers: dict[str, str] | None = None) -> Response[bytes]:
    """The body with its ETag; 304 if If-None-Match names it."""
    etag = etag_of(body)
    asked = request.headers.get("if-none-match", "").encode("latin-1")
    same = matches(asked, etag)
    kept = {"etag": etag.decode(), "cache-control": "public, no-cache", **(headers or {})}
    return Response(b"" if same else body, status_code=304 if same else 200, media_type=media_type, headers=kept)
