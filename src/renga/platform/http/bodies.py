"""Bodies of Litestar's handlers below ``API``: held to what lean operations hold theirs to, before the framework reads them.

Left alone it takes any content type for JSON, 0 for false and "5" for 5, and fails on what is no UTF-8 or nested too deep.
"""

import msgspec
from litestar.enums import RequestEncodingType
from litestar.exceptions import SerializationException
from litestar.handlers import BaseRouteHandler
from litestar.params import BodyKwarg

from renga.kernel.members import invalid_json
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType
from renga.platform.http.requests import AnyRequest
from renga.platform.json_bounds import check_containers


async def check_body(request: AnyRequest, handler: BaseRouteHandler) -> None:
    """The body as JSON, kept for the handler that declares ``data``. Raises UnsupportedMediaType, InvalidJson, JsonTooComplex,
    TooLarge, Invalid (naming the member that has another type than the document says)."""
    declared = handler.parsed_data_field
    if declared is None or _encoding(declared.kwarg_definition) != RequestEncodingType.JSON:
        return
    if not await request.body() and (declared.is_optional or declared.has_default):
        return
    check_media_type(request)
    try:
        if not await request.body():
            raise InvalidJson("the body is empty")
        check_containers(await request.body())
        await request.json()
        msgspec.json.decode(await request.body(), type=declared.annotation)
    except msgspec.ValidationError as error:
        raise invalid_json(error, await request.body(), declared.annotation) from None
    except (SerializationException, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidJson(f"the body is not valid JSON: {error}") from None


def check_media_type(request: AnyRequest) -> None:
    """For a handler that reads its body itself. Raises UnsupportedMediaType."""
    if str(request.headers.get("content-type", "")).partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType()


def _encoding(kwarg: object) -> object:
    return kwarg.media_type if isinstance(kwarg, BodyKwarg) else RequestEncodingType.JSON
