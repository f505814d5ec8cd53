"""The grant refresh_token: each token works once; reuse of an old one ends its family (OAuth 2.1 §4.3.1)."""

from collections.abc import Mapping

from renga.domains.identity.contract import Client
from renga.domains.identity.oauth.form import needed
from renga.domains.identity.oauth.granting import Granting
from renga.domains.identity.oauth.model import Family, TokenResponse
from renga.domains.identity.oauth.model.errors import GrantRefused
from renga.domains.identity.oauth.ports import TokenStore, Verdict
from renga.domains.identity.oauth.refresh_token import RefreshTokens, ShownToken, read
from renga.domains.identity.oauth.token_revoker import TokenRevoker
from renga.domains.identity.settings import IdentitySettings
from renga.kernel.clock import Clock

_DAY_MS = 86_400_000


class RefreshGrant:
    """Of two concurrent refreshes one is granted. Within the grace period the family stays valid."""

    def __init__(
        self,
        store: TokenStore,
        granting: Granting,
        token_revoker: TokenRevoker,
        refresh_tokens: RefreshTokens,
        settings: IdentitySettings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._granting = granting
        self._token_revoker = token_revoker
        self._refresh_tokens = refresh_tokens
        self._settings = settings
        self._clock = clock

    async def tokens(
        self, client: Client, form: Mapping[str, str], thumbprint: str | None, address: str
    ) -> TokenResponse:
        """Raises GrantRefused, ScopeRefused, Unavailable."""
        shown = read(needed(form, "refresh_token"))
        if shown is None:
            raise GrantRefused()
        now_ms = self._clock.now_ms()

        def judged(family: Family) -> Verdict:
            if not self._refresh_tokens.made(shown, family) or family.grant.client_id != client.id:
                return "refuse"
            return judge(family, shown, thumbprint, self._settings, now_ms)

        # before the rotation, so that a refusal leaves the refresh token valid
        family = await self._store.find_family(shown.family_id)
        if family is not None and judged(family) == "rotate":
            await self._granting.tokens(client, family, thumbprint=thumbprint, asked=form.get("scope"))
        rotation = await self._store.rotate(
            shown.family_id, judge=judged, end=self._token_revoker.of_family, address=address, now_ms=now_ms
        )
        if rotation.ended is not None:
            await self._token_revoker.tell(rotation.ended)
        if rotation.verdict != "rotate" or rotation.family is None:
            raise GrantRefused()
        return await self._granting.tokens(client, rotation.family, thumbprint=thumbprint, asked=form.get("scope"))


def judge(
    family: Family, shown: ShownToken, thumbprint: str | None, settings: IdentitySettings, now_ms: int
) -> Verdict:
    """The judgement on a token that we issued for this family and client."""
    if family.revoked_ms is not None or now_ms >= family.expires_ms:
        return "refuse"
    if shown.generation > family.generation:
        return "refuse"
    if shown.generation < family.generation:
        raced = shown.generation == family.generation - 1
        return "refuse" if raced and now_ms - family.rotated_ms <= settings.refresh_grace_s * 1000 else "end"
    if family.grant.thumbprint is not None and family.grant.thumbprint != thumbprint:
        return "refuse"
    if now_ms - family.rotated_ms >= settings.refresh_idle_days * _DAY_MS:
        return "refuse"
    return "rotate"
