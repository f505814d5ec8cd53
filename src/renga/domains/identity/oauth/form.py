"""Parameters of OAuth requests: each at most once (RFC 6749 §3.1), bounded in length; empty ones are ignored."""

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from renga.domains.identity.oauth.model.errors import OAuthError

PARAMETERS_MAX = 50
VALUE_CHARACTERS_MAX = 8_192
FORM_BYTES_MAX = 65_536


def parameters(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Raises OAuthError for a repeated or too long parameter."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise OAuthError(f"{name[:40]} is there more than once")
        if len(value) > VALUE_CHARACTERS_MAX or len(found) >= PARAMETERS_MAX:
            raise OAuthError("the request is too long")
        if "\x00" in value:
            raise OAuthError(f"{name[:40]} holds a character that it must not")
        if value:
            found[name] = value
    return found


def form(body: bytes, content_type: str) -> dict[str, str]:
    """The parameters of a form. Raises OAuthError."""
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise OAuthError("the body must be application/x-www-form-urlencoded")
    if len(body) > FORM_BYTES_MAX:
        raise OAuthError("the request is too long")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=PARAMETERS_MAX, errors="strict")
    except ValueError as error:
        raise OAuthError("the form is not readable") from error
    return parameters(pairs)


def needed(values: Mapping[str, str], name: str) -> str:
    """A required parameter's value. Raises OAuthError if it is missing."""
    if name not in values:
        raise OAuthError(f"{name} is missing")
    return values[name]
