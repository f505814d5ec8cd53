"""The grant client_credentials: a token for the service itself, without a person."""

from collections.abc import Mapping

from renga.domains.identity.contract import Client
from renga.domains.identity.model.roles import PERSONAL
from renga.domains.identity.oauth.access_tokens import Subject, TokenIssuer
from renga.domains.identity.oauth.model import TokenResponse
from renga.domains.identity.oauth.model.errors import ClientNotAllowed, ScopeRefused


class CredentialsGrant:
    """For confidential clients only."""

    def __init__(self, issuer: TokenIssuer) -> None:
        self._issuer = issuer

    async def tokens(
        self, client: Client, form: Mapping[str, str], thumbprint: str | None, address: str
    ) -> TokenResponse:
        """Raises ClientNotAllowed, ScopeRefused, Unavailable."""
        if client.auth_method == "none":
            raise ClientNotAllowed("a public client has no credentials")
        wanted = tuple(dict.fromkeys(form.get("scope", "").split())) or client.scopes
        scopes = tuple(scope for scope in wanted if scope in client.scopes and scope not in PERSONAL)
        if not scopes:
            raise ScopeRefused()
        subject = Subject(id=client.id, client_id=client.id, scopes=scopes, thumbprint=thumbprint)
        return TokenResponse(
            access_token=self._issuer.access_token(subject),
            token_type="DPoP" if thumbprint else "Bearer",
            expires_in=self._issuer.life_s,
            scope=" ".join(scopes),
        )
