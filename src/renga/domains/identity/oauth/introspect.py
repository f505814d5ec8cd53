"""Token introspection (RFC 7662) for authenticated clients: their own tokens; resource servers: every token."""

from collections.abc import Mapping
from typing import Any

from renga.domains.identity.contract import Client
from renga.domains.identity.oauth.form import needed
from renga.domains.identity.oauth.model.errors import ClientRefused
from renga.domains.identity.oauth.ports import TokenStore
from renga.domains.identity.oauth.refresh import judge
from renga.domains.identity.oauth.refresh_token import RefreshTokens, read
from renga.domains.identity.settings import IdentitySettings
from renga.kernel.clock import Clock
from renga.kernel.errors import Unauthenticated
from renga.platform.auth.signing import AUDIENCE
from renga.platform.auth.tokens import TokenVerifier

_INACTIVE: dict[str, Any] = {"active": False}


class Introspect:
    """Answers only ``active: false`` for an invalid token and for a token that the client may not see.

    A client with one of the scopes ``resource_servers`` is a resource server and may introspect any token.
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        store: TokenStore,
        refresh_tokens: RefreshTokens,
        settings: IdentitySettings,
        clock: Clock,
        issuer: str,
        *,
        resource_servers: frozenset[str],
    ) -> None:
        self._verifier = verifier
        self._store = store
        self._refresh_tokens = refresh_tokens
        self._settings = settings
        self._clock = clock
        self._issuer = issuer
        self._resource_servers = resource_servers

    async def answer(self, client: Client, form: Mapping[str, str]) -> dict[str, Any]:
        """Raises ClientRefused, OAuthError, Unavailable."""
        if client.auth_method == "none":
            raise ClientRefused("a public client may not introspect")
        token = needed(form, "token")
        answer = await self._refresh_token(token) if token.startswith("rt_") else self._access_token(token)
        allowed = not self._resource_servers.isdisjoint(client.scopes) or answer.get("client_id") == client.id
        return answer if allowed else _INACTIVE

    def _access_token(self, token: str) -> dict[str, Any]:
        try:
            verified = self._verifier.inspect(token)
        except Unauthenticated:
            return _INACTIVE
        principal = verified.principal
        answer: dict[str, Any] = {
            "active": True,
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": principal.subject,
            "client_id": principal.client_id,
            "scope": " ".join(sorted(principal.scopes)),
            "iat": verified.issued_s,
            "exp": verified.expires_s,
            "jti": principal.token_id,
            "token_type": "DPoP" if verified.thumbprint else "Bearer",
        }
        return answer | ({"cnf": {"jkt": verified.thumbprint}} if verified.thumbprint else {})

    async def _refresh_token(self, token: str) -> dict[str, Any]:
        shown = read(token)
        family = None if shown is None else await self._store.find_family(shown.family_id)
        if shown is None or family is None or not self._refresh_tokens.made(shown, family):
            return _INACTIVE
        now_ms = self._clock.now_ms()
        if judge(family, shown, family.grant.thumbprint, self._settings, now_ms) != "rotate":
            return _INACTIVE
        return {
            "active": True,
            "iss": self._issuer,
            "sub": family.grant.account_id,
            "client_id": family.grant.client_id,
            "scope": " ".join(family.grant.scopes),
            "iat": family.created_ms // 1000,
            "exp": family.expires_ms // 1000,
        }
