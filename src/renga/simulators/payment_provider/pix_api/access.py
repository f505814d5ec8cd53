"""OAuth 2.0 client credentials (RFC 6749 §4.4): tokens that carry their own end and signature, so nothing is stored."""

import base64
import binascii
import hashlib
import hmac
from urllib.parse import unquote_plus

from renga.simulators.payment_provider.desk import ProviderDesk
from renga.simulators.payment_provider.pix_api.errors import PixApiProblem
from renga.simulators.payment_provider.wire import Handler, ProviderAnswer, ProviderRequest, json_answer

LIFE_S = 3_600
SCOPES = "cob.read cob.write cobv.read cobv.write pix.read pix.write webhook.read webhook.write"


class PixAccess:
    """The token endpoint, and the check of every other request."""

    def __init__(self, desk: ProviderDesk) -> None:
        self._desk = desk
        self._key = hmac.digest(desk.secret.pix, b"access token", hashlib.sha256)

    def token(self, request: ProviderRequest) -> ProviderAnswer:
        form = request.form()
        client, secret = _basic(request) or (form.get("client_id", ""), form.get("client_secret", ""))
        known = hmac.compare_digest(client.encode(), self._desk.settings.pix_client.encode())
        if not hmac.compare_digest(secret.encode(), self._desk.secret.pix) or not known:
            return json_answer({"error": "invalid_client"}, 401, (b"www-authenticate", b'Basic realm="pix"'))
        if form.get("grant_type") != "client_credentials":
            return json_answer({"error": "unsupported_grant_type"}, 400)
        ends = f"{self._desk.machine_clock() // 1_000 + LIFE_S:012d}"
        said = {
            "access_token": f"{ends}.{self._sign(ends)}",
            "token_type": "Bearer",
            "expires_in": LIFE_S,
            "scope": SCOPES,
        }
        return json_answer(said, 200, (b"cache-control", b"no-store"))

    def guarded(self, handler: Handler) -> Handler:
        """Only with a token of this provider."""

        def handle(request: ProviderRequest) -> ProviderAnswer:
            kind, _, token = request.header(b"authorization").partition(" ")
            ends, _, signature = token.strip().partition(".")
            if kind.lower() != "bearer" or not hmac.compare_digest(signature.encode(), self._sign(ends).encode()):
                raise PixApiProblem(403, "AcessoNegado", "a token of /pix-api/oauth/token is needed")
            if int(ends) <= self._desk.machine_clock() // 1_000:
                raise PixApiProblem(403, "AcessoNegado", "the token has expired")
            return handler(request)

        return handle

    def _sign(self, ends: str) -> str:
        return hmac.digest(self._key, ends.encode(), hashlib.sha256).hex()


def _basic(request: ProviderRequest) -> tuple[str, str] | None:
    """Client and secret of HTTP Basic, form-encoded before (RFC 6749 §2.3.1)."""
    kind, _, given = request.header(b"authorization").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(client), unquote_plus(secret)
