"""Token revocation (RFC 7009): a refresh token ends its family, an access token only itself."""

from collections.abc import Mapping

from renga.domains.identity.contract import Client
from renga.domains.identity.oauth.form import needed
from renga.domains.identity.oauth.ports import TokenStore
from renga.domains.identity.oauth.refresh_token import RefreshTokens, read
from renga.domains.identity.oauth.token_revoker import TokenRevoker
from renga.kernel.errors import Unauthenticated
from renga.platform.auth.tokens import TokenVerifier


class Revoke:
    """An unknown token, or another client's, changes nothing and is no error."""

    def __init__(
        self,
        verifier: TokenVerifier,
        store: TokenStore,
        refresh_tokens: RefreshTokens,
        token_revoker: TokenRevoker,
    ) -> None:
        self._verifier = verifier
        self._store = store
        self._refresh_tokens = refresh_tokens
        self._token_revoker = token_revoker

    async def revoke(self, client: Client, form: Mapping[str, str], address: str) -> None:
        """Raises OAuthError (no token), Unavailable."""
        token = needed(form, "token")
        shown = read(token)
        if shown is not None:
            family = await self._store.find_family(shown.family_id)
            ours = family is not None and self._refresh_tokens.made(shown, family)
            if family is not None and ours and family.grant.client_id == client.id and family.revoked_ms is None:
                await self._token_revoker.end_family(family, address)
            return
        try:
            principal = self._verifier.inspect(token).principal
        except Unauthenticated:
            return
        if principal.client_id == client.id and principal.token_id is not None:
            person = None if principal.subject == client.id else principal.subject
            await self._token_revoker.end_token(principal.token_id, person, client.id, address)
