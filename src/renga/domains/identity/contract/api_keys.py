"""API keys: create (shown once), rotate, revoke, check."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.domains.identity.contract.accounts import CallOrigin
from renga.kernel.caller import Caller
from renga.kernel.once import Once


class RateLimit(msgspec.Struct, frozen=True, kw_only=True):
    """Requests: ``per_minute`` sustained, ``burst`` at once."""

    per_minute: int
    burst: int


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key's public data, never the key itself. ``prefix`` is the start of the key, safe to show."""

    id: str
    name: str
    prefix: str
    merchant_id: str | None
    account_id: str
    scopes: tuple[str, ...]
    limit: RateLimit
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked: bool


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was just created: ``key`` is shown only once."""

    info: ApiKey
    key: str


class ApiKeys(Protocol):
    """API keys of an account (``merchant_id`` None) or of one of its merchants. ``caller`` is the first parameter.

    ``origin`` and ``once`` as in Merchants. Every method with a caller raises Unauthenticated for a guest, and for a merchant's
    keys MerchantNotFound, Forbidden. ``create`` and ``rotate`` need a login that is at most FRESH_LOGIN_S old:
    FreshLoginRequired.
    """

    async def create(
        self,
        caller: Caller,
        name: str,
        scopes: Sequence[str],
        *,
        merchant_id: str | None,
        life_s: int | None,
        limit: RateLimit | None,
        origin: CallOrigin | None = None,
        once: Once | None = None,
    ) -> NewKey:
        """Raises ScopeNotAllowed (a scope that the caller does not have or may not grant), OrganisationInvalid, TooMany."""
        ...

    async def of_owner(self, caller: Caller, merchant_id: str | None) -> tuple[ApiKey, ...]:
        """Newest first."""
        ...

    async def rotate(
        self,
        caller: Caller,
        key_id: str,
        *,
        merchant_id: str | None,
        overlap_s: int,
        origin: CallOrigin | None = None,
        once: Once | None = None,
    ) -> NewKey:
        """A new key with the same scopes, limit and lifetime; the old key stays valid for ``overlap_s`` seconds.

        Raises KeyNotFound, KeyNotActive, ScopeNotAllowed (the key has scopes that the caller lacks), OrganisationInvalid.
        """
        ...

    async def revoke(
        self, caller: Caller, key_id: str, *, merchant_id: str | None, origin: CallOrigin | None = None
    ) -> None:
        """Effective at once here, within seconds in other processes. Idempotent. Raises KeyNotFound."""
        ...

    async def check(self, key: str) -> ApiKey | None:
        """The key's data if it is valid now, else None. Cached for seconds; records the last use.

        ``scopes`` are the key's scopes that its creator still has: fewer than granted once the creator lost a role.
        """
        ...
