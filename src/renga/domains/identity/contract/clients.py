"""OAuth clients, and what people have allowed them."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import msgspec

from renga.domains.identity.contract.accounts import CallOrigin
from renga.kernel.caller import Caller
from renga.kernel.once import Once


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """An OAuth client. ``secret_hashed`` or ``jwks`` authenticate a confidential one; a public one has neither.

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
    account_id: str | None = None


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What a person allowed a client; ``since`` is when she last added to it."""

    client_id: str
    client_name: str
    scopes: tuple[str, ...]
    since: str


class Clients(Protocol):
    """The registered OAuth clients (service clients included). ``origin`` is for the audit trail.

    The caller comes first. ``register``, ``read``, ``remove`` and ``all`` need ADMINISTRATION and raise Unauthenticated,
    InsufficientScope; consents are the caller's own and raise Unauthenticated for a guest.
    """

    async def find(self, client_id: str) -> Client:
        """For the authorization server and whoever checks a client's standing. Raises ClientNotFound. Cached for seconds."""
        ...

    async def read(self, caller: Caller, client_id: str) -> Client:
        """Raises ClientNotFound."""
        ...

    async def register(
        self, caller: Caller, client: Client, *, origin: CallOrigin | None = None, once: Once | None = None
    ) -> tuple[Client, str | None]:
        """Keep it; answers with the secret (shown this once) where its method has one. An empty id is filled in.

        Raises ClientInvalid, ClientIdTaken, TooMany, FreshLoginRequired (a login that is older than FRESH_LOGIN_S).
        """
        ...

    async def check_secret(self, client: Client, secret: str) -> bool:
        """Is this the client's secret? Compared in constant time; False for a client without one."""
        ...

    async def remove(self, caller: Caller, client_id: str, *, origin: CallOrigin | None = None) -> None:
        """Forget it; its tokens end. Raises ClientNotFound."""
        ...

    async def all(self, caller: Caller) -> tuple[Client, ...]:
        """By name."""
        ...

    async def consented(self, caller: Caller, client_id: str) -> frozenset[str]:
        """The scopes that she has allowed this client."""
        ...

    async def consents(self, caller: Caller) -> tuple[Consent, ...]:
        """All that she has allowed, by the client's name."""
        ...

    async def consent(
        self, caller: Caller, client_id: str, scopes: Sequence[str], *, origin: CallOrigin | None = None
    ) -> None:
        """She allows these (added to what she allowed before). Raises ClientNotFound, AccountNotFound."""
        ...

    async def withdraw(self, caller: Caller, client_id: str, *, origin: CallOrigin | None = None) -> None:
        """She allows nothing any more; its tokens for her end. What was never allowed is no error."""
        ...
