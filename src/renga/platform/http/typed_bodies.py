"""Bodies of lean operations as structs, as JSON Schema understands numbers and PostgreSQL texts."""

from typing import Any

import msgspec

from renga.kernel.errors import Invalid, Unprocessable
from renga.platform.http.lean import Call
from renga.platform.http.problems import InvalidJson

_any = msgspec.json.Decoder(Any)


def decoded(call: Call, decoder: "msgspec.json.Decoder[Any]", *, empty: Any = None) -> Any:
    """The body as the decoder's type; a whole number may be written ``3.0``, which JSON Schema calls an integer.

    ``empty``: what no body means. Raises UnsupportedMediaType, InvalidJson, Invalid, Unprocessable (a text with U+0000, which the
    database does not keep).
    """
    if empty is not None and not call.body:
        return empty
    value = _decoded(call, decoder)
    if b"\\u0000" in call.body and _has_nul(msgspec.to_builtins(value)):
        raise Unprocessable("a text has the character U+0000, which is not kept")
    return value


def _decoded(call: Call, decoder: "msgspec.json.Decoder[Any]") -> Any:
    try:
        return call.decode(decoder)
    except InvalidJson:
        raise
    except Invalid:
        try:
            return msgspec.convert(_whole(call.decode(_any)), decoder.type)
        except (msgspec.ValidationError, RecursionError):
            pass  # told as it was found first
        raise


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(name) or _has_nul(one) for name, one in value.items())
    return isinstance(value, list | tuple) and any(map(_has_nul, value))


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    return value
