"""OAuth clients and the consents that people gave them."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import msgspec

from renga.domains.identity.contract.accounts import CallOrigin
from renga.kernel.caller import Caller
from renga.kernel.once import Once

#: ``id_token_signed_response_alg`` of OpenID Connect Dynamic Client Registration §2, as far as it is offered.
IdTokenAlgorithm = Literal["RS256", "ES256"]


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """An OAuth client. ``secret_hashed`` or ``jwks`` authenticates a confidential client; a public client has neither.

    ``redirect_uris`` are matched exactly. ``first_party`` skips the consent screen.
    """

    id: str
    name: str
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ("authorization_code", "refresh_token")
    scopes: tuple[str, ...] = ()
    auth_method: Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"] = "none"
    secret_hashed: str | None = None
    jwks: dict[str, Any] | None = None
    first_party: bool = False
    dpop_required: bool = False
    id_token_signed_response_alg: IdTokenAlgorithm = "RS256"
    account_id: str | None = None


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """The scopes that a person allowed a client; ``since`` is the time of the last addition."""

    client_id: str
    client_name: str
    scopes: tuple[str, ...]
    since: str


class Clients(Protocol):
    """The registered OAuth clients, including service clients. ``origin`` is for the audit trail.

    ``caller`` comes first. ``register``, ``read``, ``remove`` and ``all`` need ADMINISTRATION and raise Unauthenticated,
    InsufficientScope; consents are the caller's own and raise Unauthenticated for a guest.
    """

    async def find(self, client_id: str) -> Client:
        """The client, for the authorization server and token checks. Cached for seconds. Raises ClientNotFound."""
        ...

    async def read(self, caller: Caller, client_id: str) -> Client:
        """Raises ClientNotFound."""
        ...

    async def register(
        self, caller: Caller, client: Client, *, origin: CallOrigin | None = None, once: Once | None = None
    ) -> tuple[Client, str | None]:
        """Register the client; returns its secret (shown only once) if its authentication uses one. An empty id is generated.

        Raises ClientInvalid, ClientIdTaken, TooMany, FreshLoginRequired (a login that is older than FRESH_LOGIN_S).
        """
        ...

    async def check_secret(self, client: Client, secret: str) -> bool:
        """Is this the client's secret? Constant-time comparison; False for a client without a secret."""
        ...

    async def remove(self, caller: Caller, client_id: str, *, origin: CallOrigin | None = None) -> None:
        """Remove the client and end its tokens. Raises ClientNotFound."""
        ...

    async def all(self, caller: Caller) -> tuple[Client, ...]:
        """By name."""
        ...

    async def consented(self, caller: Caller, client_id: str) -> frozenset[str]:
        """The scopes that the caller allowed this client."""
        ...

    async def consents(self, caller: Caller) -> tuple[Consent, ...]:
        """All consents of the caller, ordered by the client's name."""
        ...

    async def consent(
        self, caller: Caller, client_id: str, scopes: Sequence[str], *, origin: CallOrigin | None = None
    ) -> None:
        """Add these scopes to the caller's consent. Raises ClientNotFound, AccountNotFound."""
        ...

    async def withdraw(self, caller: Caller, client_id: str, *, origin: CallOrigin | None = None) -> None:
        """Withdraw the caller's consent and end the client's tokens for the caller. No error if there is none."""
        ...
