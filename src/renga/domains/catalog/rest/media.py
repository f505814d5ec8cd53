"""REST: upload of pictures, as the raw body or in a form."""

import asyncio
import hashlib

from litestar import Response, post
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from renga.domains.catalog.rest.shared import write_access
from renga.kernel.errors import Forbidden, Invalid, Unauthenticated
from renga.kernel.once import IdempotencyConflict, Once
from renga.platform.http.multipart import MultipartInvalid, MultipartTooLarge, only_file
from renga.platform.http.openapi_handlers import takes_file
from renga.platform.http.problems import UnsupportedMediaType, problems
from renga.platform.http.requests import REPLAYED, AnyRequest, IdempotencyKey, caller, key_of, replayed
from renga.platform.media.library import WIDTHS, MediaLibrary, Picture
from renga.platform.media.picture_rules import (
    PIXELS_MAX,
    UPLOAD_BYTES_MAX,
    PictureInvalid,
    PicturesBusy,
    PicturesFailed,
    PictureTooLarge,
)
from renga.platform.media.port import MediaUnavailable

#: Allowance for the parts of a form around its file.
FORM_BYTES_MAX = 64 << 10
_FORM = "multipart/form-data"
_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_EXAMPLE = Picture(hash=_HASH, url=f"/media/{_HASH}", kind="image/jpeg", width=1600, height=1200)


def routes(library: MediaLibrary) -> list[HTTPRouteHandler]:
    """The handler of uploads."""

    @post(
        "/media",
        operation_id="uploadPicture",
        summary="Upload a picture",
        description=(
            f"The body is a form (`{_FORM}`) with one file, or the picture itself (`image/jpeg`, `image/png`, `image/webp`, "
            f"`image/gif`, `image/avif`); at most {UPLOAD_BYTES_MAX} bytes and {PIXELS_MAX} pixels "
            "(fewer in forms that take more memory: WebP, AVIF, progressive JPEG). It is rotated upright, its "
            "metadata is removed; of an animation the first frame is kept. Uploading the same content again returns the same "
            "picture (200 instead of 201). "
            f"`url` is the original, `url/<width>.webp` a smaller one: {', '.join(map(str, WIDTHS))} pixels wide."
        ),
        # client generators cannot choose between several content types, so only the form is documented
        opt=write_access() | takes_file(_FORM, field="file"),
        request_max_body_size=UPLOAD_BYTES_MAX + FORM_BYTES_MAX,
        response_headers=[
            ResponseHeader(name="Location", description="URL of the picture.", documentation_only=True),
            REPLAYED,
        ],
        responses={
            200: ResponseSpec(Picture, description="It was uploaded before.", generate_examples=False),
            201: ResponseSpec(
                Picture, description="Kept.", generate_examples=False, examples=[Example(value=_EXAMPLE)]
            ),
            **problems(
                *(Unauthenticated, Forbidden, UnsupportedMediaType, Invalid, PictureInvalid, PictureTooLarge),
                *(
                    PicturesBusy,
                    PicturesFailed,
                    MediaUnavailable,
                    IdempotencyConflict,
                    MultipartInvalid,
                    MultipartTooLarge,
                ),
            ),
        },
    )
    async def upload_picture(request: AnyRequest, idempotency_key: IdempotencyKey = None) -> Response[Picture]:
        subject, key, content = caller(request).subject, key_of(idempotency_key), await _content(request)
        # hash the picture only: a repeated form has another boundary
        digest = await asyncio.to_thread(_digest, content)
        once = None if key is None else Once(scope=subject, key=key, fingerprint=digest)
        picture, new = await library.add(content, once)
        return Response(picture, status_code=201 if new else 200, headers={"Location": picture.url, **replayed(once)})

    return [upload_picture]


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(b"picture\n" + content).digest()


async def _content(request: AnyRequest) -> bytes:
    """Raises UnsupportedMediaType, Invalid, MultipartInvalid, MultipartTooLarge, TooLarge."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given.startswith("image/"):
        return await request.body()
    if given != _FORM:
        raise UnsupportedMediaType(f"the body must be a picture or {_FORM}")
    return await only_file(request.stream(), request.content_type[1].get("boundary", ""))
