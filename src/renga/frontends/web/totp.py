"""TOTP enrolment form: QR code and secret, repeated after a wrong code."""

import base64
from urllib.parse import parse_qs, urlsplit

import msgspec
import segno

from renga.domains.identity.contract import TotpEnrolment
from renga.frontends.web.forms import Fields

_URI_MAX_CHARS = 600
_GROUP = 4


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """``picture`` is the data URL of an SVG; ``groups`` is the secret in groups, easy to type."""

    uri: str
    groups: tuple[str, ...]
    picture: str


def enrolment_of(started: TotpEnrolment) -> Enrolment:
    return Enrolment(uri=started.uri, groups=_groups(started.secret), picture=_data_address(started.picture))


def repeated(fields: Fields) -> Enrolment | None:
    """The enrolment repeated from the form, so that a mistyped code needs no new scan."""
    uri = fields.get("uri", "")
    parts = urlsplit(uri)
    secret = parse_qs(parts.query).get("secret", [""])[0]
    if parts.scheme != "otpauth" or not secret or len(uri) > _URI_MAX_CHARS:
        return None
    picture = segno.make(uri, error="m", micro=False).svg_inline(scale=4, border=2, omitsize=True)
    return Enrolment(uri=uri, groups=_groups(secret), picture=_data_address(picture))


def _groups(secret: str) -> tuple[str, ...]:
    return tuple(secret[start : start + _GROUP] for start in range(0, len(secret), _GROUP))


def _data_address(svg: str) -> str:
    if svg.startswith("data:image/"):
        return svg
    if "xmlns=" not in svg[:300]:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
