"""The token endpoint: dispatches to the requested grant if the client may use it."""

from collections.abc import Mapping
from typing import Protocol

from renga.domains.identity.contract import Client
from renga.domains.identity.oauth.form import needed
from renga.domains.identity.oauth.model import TokenResponse
from renga.domains.identity.oauth.model.errors import ClientNotAllowed, GrantTypeUnknown


class GrantType(Protocol):
    """One grant type. Raises OAuthError, Unavailable."""

    async def tokens(
        self, client: Client, form: Mapping[str, str], thumbprint: str | None, address: str
    ) -> TokenResponse: ...


class TokenEndpoint:
    """``grants`` by name; there are no password and no implicit grants."""

    def __init__(self, grants: Mapping[str, GrantType]) -> None:
        self._grants = grants

    async def tokens(
        self, client: Client, form: Mapping[str, str], thumbprint: str | None, address: str
    ) -> TokenResponse:
        """Raises OAuthError, Unavailable."""
        grant_type = needed(form, "grant_type")
        grant = self._grants.get(grant_type)
        if grant is None:
            raise GrantTypeUnknown()
        if grant_type not in client.grant_types:
            raise ClientNotAllowed()
        return await grant.tokens(client, form, thumbprint, address)
