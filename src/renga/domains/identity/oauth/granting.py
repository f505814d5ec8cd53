"""Issues tokens for a grant, with the granted scopes that the person and the client still have."""

from renga.domains.identity.contract import AccountNotFound, Accounts, Client, Merchants
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.oauth.access_tokens import Subject, TokenIssuer
from renga.domains.identity.oauth.id_token import IdTokens
from renga.domains.identity.oauth.model import Family, Grant, TokenResponse, grantable
from renga.domains.identity.oauth.model.errors import GrantRefused, ScopeRefused
from renga.domains.identity.oauth.refresh_token import RefreshTokens
from renga.kernel.caller import Caller


class Granting:
    """Builds the token endpoint's answer for people. Raises GrantRefused, ScopeRefused, Unavailable."""

    def __init__(
        self,
        grants: Grants,
        accounts: Accounts,
        merchants: Merchants,
        issuer: TokenIssuer,
        id_tokens: IdTokens,
        refresh_tokens: RefreshTokens,
    ) -> None:
        self._grants = grants
        self._accounts = accounts
        self._merchants = merchants
        self._issuer = issuer
        self._id_tokens = id_tokens
        self._refresh_tokens = refresh_tokens

    async def tokens(
        self, client: Client, family: Family, *, thumbprint: str | None, asked: str | None = None
    ) -> TokenResponse:
        """``asked`` narrows the access token's scopes (RFC 6749 §6)."""
        grant = family.grant
        scopes = await self._scopes(client, grant, asked)
        merchants: tuple[str, ...] = ()
        if self._grants.about_merchants.intersection(scopes):
            found = await self._merchants.of_account(Caller(grant.account_id))
            merchants = tuple(one.id for one, _ in found if one.status == "approved")
        access_token = self._issuer.access_token(
            Subject(
                id=grant.account_id,
                client_id=client.id,
                scopes=scopes,
                merchants=merchants,
                family=family.id,
                thumbprint=thumbprint,
                auth_at_ms=grant.auth_at_ms,
                amr=grant.amr,
            )
        )
        return TokenResponse(
            access_token=access_token,
            token_type="DPoP" if thumbprint else "Bearer",
            expires_in=self._issuer.life_s,
            scope=" ".join(scopes),
            refresh_token=self._refresh_tokens.token(family) if _refreshable(client, grant) else None,
            id_token=self._id_tokens.make(grant, access_token, client.id_token_signed_response_alg)
            if "openid" in scopes
            else None,
        )

    async def _scopes(self, client: Client, grant: Grant, asked: str | None) -> tuple[str, ...]:
        wanted = tuple(asked.split()) if asked else grant.scopes
        if not set(wanted) <= set(grant.scopes):
            raise ScopeRefused("more than was granted")
        try:
            account = await self._accounts.find(Caller(grant.account_id))
        except AccountNotFound as error:
            raise GrantRefused("this account is closed") from error
        scopes = grantable(
            wanted,
            client.scopes,
            self._grants.scopes_of(account.stakeholders),
            grant.amr,
            one_factor=self._grants.one_factor,
        )
        if not scopes:
            raise ScopeRefused("nothing of what was granted may be given any more")
        return scopes


def _refreshable(client: Client, grant: Grant) -> bool:
    return "refresh_token" in client.grant_types and "offline_access" in grant.scopes
