"""Tokens of several issuers: each is checked only by the verifier of the issuer that it names."""

import base64
from collections.abc import Mapping

import msgspec

from renga.platform.auth.principal import Principal
from renga.platform.auth.tokens import TokenVerifier

#: Most tokens whose issuer is cached, so that it is parsed once and not with each request.
KNOWN_MAX = 10_000


class _Named(msgspec.Struct):
    iss: str = ""


class SeveralIssuers:
    """``own`` checks every token whose issuer is not among ``others``; it refuses all issuers but its own."""

    def __init__(self, own: TokenVerifier, others: Mapping[str, TokenVerifier]) -> None:
        self._own = own
        self._others = dict(others)
        self._known: dict[str, TokenVerifier] = {}

    def principal(self, token: str) -> Principal:
        """The caller that an access token names. Raises Unauthenticated."""
        return self._verifier(token).principal(token)

    async def check_fresh(self, token: str) -> Principal:
        """As ``principal``, after refreshing the key set. Raises Unauthenticated."""
        return await self._verifier(token).authenticate("Bearer", token, method="", url="")

    def _verifier(self, token: str) -> TokenVerifier:
        verifier = self._known.get(token)
        if verifier is None:
            verifier = self._others.get(_issuer(token), self._own)
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            self._known[token] = verifier
        return verifier


def _issuer(token: str) -> str:
    """The issuer in an unverified token, only to choose the verifier. Empty if there is none."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=_Named).iss
    except (ValueError, msgspec.MsgspecError):
        return ""
