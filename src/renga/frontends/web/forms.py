"""Parses posted forms: bounded, bound to the session, with the idempotency key of the page."""

import hmac
import re
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

from renga.domains.cart.contract import QuantityOutOfRange
from renga.frontends.web.errors import FormInvalid, FormStale
from renga.frontends.web.request_session import request_session
from renga.kernel.ids import IdSource

BODY_MAX_BYTES = 16_384
FIELDS_MAX = 30
TEXT_MAX_CHARS = 200
PATH_MAX_CHARS = 2_000
_QUANTITY_MAX_DIGITS = 9

_KEY = re.compile(r"[A-Za-z0-9-]{8,64}")

Fields = dict[str, str]


async def read_form(request: Request[Any, Any, Any]) -> Fields:
    """The posted fields, stored on the request so that an error page can offer a retry.

    With a session the form must have its token (without one there is nothing that a forged form could use).
    """
    fields = await _fields(request)
    token = fields.pop("csrf", "")
    if (csrf := request_session(request).csrf) and not hmac.compare_digest(token.encode(), csrf.encode()):
        raise FormStale
    request.state.form = fields
    return fields


async def read_private_form(request: Request[Any, Any, Any]) -> Fields:
    """The fields of an account form: requires a session's token, and is never repeated on an error page."""
    fields = await _fields(request)
    csrf = request_session(request).csrf
    if not csrf or not hmac.compare_digest(fields.pop("csrf", "").encode(), csrf.encode()):
        raise FormStale
    return fields


async def _fields(request: Request[Any, Any, Any]) -> Fields:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise FormInvalid
    try:
        text = (await request.body()).decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"))
    except ValueError as error:
        raise FormInvalid from error


def posted(request: Request[Any, Any, Any]) -> Fields | None:
    """The fields parsed from this request, or None."""
    fields: Fields | None = request.state.get("form")
    return fields


def quantity(fields: Fields) -> int:
    """The quantity; a stepper button (``set``) takes precedence over the text field. The cart checks the upper limit."""
    text = fields.get("set", fields.get("quantity", "1")).strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _QUANTITY_MAX_DIGITS):
        raise QuantityOutOfRange
    return int(text)


def operation_key(fields: Fields, new_key: IdSource) -> str:
    """The page's key joined with the submitted values: a double click repeats it, another quantity does not."""
    key = fields.get("key", "")
    nonce = key if _KEY.fullmatch(key) else new_key()
    fields["key"] = nonce
    return f"{nonce}:{fields.get('set', fields.get('quantity', ''))[:20]}:{fields.get('sku', '')[:120]}"


def plausible(text: str) -> bool:
    """Whether a slug, SKU or line id from outside is plausible enough to call a contract."""
    return 0 < len(text) <= TEXT_MAX_CHARS and text.isprintable()


def local_path(text: str, default: str = "/") -> str:
    """A local path to redirect to; anything that could lead to another site becomes the default."""
    safe = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isascii()
    return text if safe and text.isprintable() and len(text) <= PATH_MAX_CHARS else default
