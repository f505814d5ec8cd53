"""The caller, the same type for every credential: access token, API key, web session."""

from typing import Literal

import msgspec

from renga.kernel.caller import ANONYMOUS, Caller


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated caller.

    ``subject``    the account (or the client itself, for client credentials)
    ``scopes``     what this credential allows, never more than the subject may
    ``kind``       the kind of credential
    ``merchants``  ids of the merchants whose products and order parts the caller may reach
    ``client_id``  the OAuth client, ``key_id`` the API key, ``session_id`` the web session, ``token_id`` the JWT's ``jti``
    ``proved_ms``  when a person last logged in for this proof; None where it does not say (API keys)
    ``limit``      requests per minute and burst of an API key
    """

    subject: str
    scopes: frozenset[str]
    kind: Literal["token", "api_key", "session"] = "token"
    merchants: frozenset[str] = frozenset()
    client_id: str | None = None
    key_id: str | None = None
    session_id: str | None = None
    token_id: str | None = None
    proved_ms: int | None = None
    limit: tuple[int, int] | None = None

    @property
    def caller(self) -> Caller:
        """The caller as contracts take it, without the credential."""
        own_name = self.kind == "token" and self.client_id is not None and self.client_id == self.subject
        return Caller(self.subject, self.scopes, self.merchants, own_name, self.proved_ms)


def caller_of(principal: Principal | None) -> Caller:
    """The caller; a guest if there is no credential."""
    return ANONYMOUS if principal is None else principal.caller
