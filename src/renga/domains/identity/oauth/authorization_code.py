"""The grant authorization_code (OAuth 2.1 §4.1.3): exchanges a code once, with its PKCE verifier."""

import hmac
import secrets
from collections.abc import Mapping

import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped] # authlib ships no types
from authlib.oauth2.rfc7636.challenge import CODE_VERIFIER_PATTERN  # type: ignore[import-untyped] # see above

from renga.domains.identity.contract import Client
from renga.domains.identity.oauth.authorize import code_hash
from renga.domains.identity.oauth.form import needed
from renga.domains.identity.oauth.granting import Granting
from renga.domains.identity.oauth.model import AuthorizationCode, Family, TokenResponse
from renga.domains.identity.oauth.model.errors import GrantRefused, OAuthError, ProofRefused
from renga.domains.identity.oauth.ports import TokenStore
from renga.domains.identity.oauth.refresh_token import SEED_BYTES
from renga.domains.identity.oauth.token_revoker import TokenRevoker
from renga.domains.identity.settings import IdentitySettings
from renga.kernel.clock import Clock
from renga.platform.sessions.port import Sessions

_DAY_MS = 86_400_000


class CodeGrant:
    """Presenting a code uses it up, even if the request is refused."""

    def __init__(
        self,
        store: TokenStore,
        granting: Granting,
        token_revoker: TokenRevoker,
        sessions: Sessions,
        settings: IdentitySettings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._granting = granting
        self._token_revoker = token_revoker
        self._sessions = sessions
        self._settings = settings
        self._clock = clock

    async def tokens(
        self, client: Client, form: Mapping[str, str], thumbprint: str | None, address: str
    ) -> TokenResponse:
        """Raises GrantRefused, OAuthError, Unavailable."""
        now_ms = self._clock.now_ms()
        code, verifier = needed(form, "code"), needed(form, "code_verifier")
        redirect_uri = needed(form, "redirect_uri")

        def check(kept: AuthorizationCode) -> OAuthError | None:
            return _refusal(kept, client, redirect_uri, verifier, thumbprint, now_ms)

        def begin(kept: AuthorizationCode, family_id: str) -> Family:
            return Family(
                id=family_id,
                grant=msgspec.structs.replace(kept.grant, thumbprint=thumbprint),
                seed=secrets.token_bytes(SEED_BYTES),
                generation=0,
                created_ms=now_ms,
                rotated_ms=now_ms,
                expires_ms=now_ms + self._settings.refresh_absolute_days * _DAY_MS,
            )

        redemption = await self._store.redeem(
            code_hash(code), check=check, begin=begin, end=self._token_revoker.of_family, address=address, now_ms=now_ms
        )
        if redemption.ended is not None:
            await self._token_revoker.tell(redemption.ended)
        if redemption.family is None:
            raise redemption.error or GrantRefused()
        await self._check_session(redemption.family, address)
        return await self._granting.tokens(client, redemption.family, thumbprint=thumbprint)

    async def _check_session(self, family: Family, address: str) -> None:
        """Refuse a code whose login session has ended."""
        grant = family.grant
        living = await self._sessions.of_account(grant.account_id)
        if all(session.id != grant.session_id for session in living):
            await self._token_revoker.end_family(family, address)
            raise GrantRefused("the login that this code came from is over")


def _refusal(
    kept: AuthorizationCode, client: Client, redirect_uri: str, verifier: str, thumbprint: str | None, now_ms: int
) -> OAuthError | None:
    """The reason to refuse this code, or None."""
    if kept.grant.client_id != client.id or now_ms > kept.expires_ms or kept.redirect_uri != redirect_uri:
        return GrantRefused()
    if not CODE_VERIFIER_PATTERN.match(verifier):
        return GrantRefused("code_verifier has 43 to 128 letters, digits, '-', '.', '_' or '~'")
    if not hmac.compare_digest(create_s256_code_challenge(verifier), kept.challenge):
        return GrantRefused("code_verifier is not the one of the challenge")
    if kept.grant.thumbprint is not None and kept.grant.thumbprint != thumbprint:
        return ProofRefused("the code is bound to another key")
    return None
