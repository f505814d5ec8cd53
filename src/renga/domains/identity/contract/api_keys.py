"""API keys: made, shown once, rotated, revoked, checked."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.domains.identity.contract.accounts import CallOrigin
from renga.kernel.caller import Caller
from renga.kernel.once import Once


class RateLimit(msgspec.Struct, frozen=True, kw_only=True):
    """``per_minute`` sustained, ``burst`` at once."""

    per_minute: int
    burst: int


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it may be shown: never the key itself. ``prefix`` is its readable beginning."""

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
    """A key that was just made: ``key`` is shown this once."""

    info: ApiKey
    key: str


class ApiKeys(Protocol):
    """API keys of an account (``merchant_id`` None) or of one of its merchants. The caller comes first.

    ``origin`` and ``once`` as with Merchants. Every method with a caller raises Unauthenticated for a guest, and of a merchant's
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
        """Raises ScopeNotAllowed (a scope that the caller does not hold, or may not give), OrganisationInvalid, TooMany."""
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
        """A successor with the same scopes, limit and life; the old key works ``overlap_s`` more seconds.

        Raises KeyNotFound, KeyNotActive, ScopeNotAllowed (the caller may less than the key), OrganisationInvalid.
        """
        ...

    async def revoke(
        self, caller: Caller, key_id: str, *, merchant_id: str | None, origin: CallOrigin | None = None
    ) -> None:
        """At once (everywhere within seconds). Raises KeyNotFound; a revoked key is no error."""
        ...

    async def check(self, key: str) -> ApiKey | None:
        """The key's entry if it is valid now, else None. Cached for seconds; keeps when it was last used.

        ``scopes`` are those that its maker may use now: never more than the key was given, less once she lost a role.
        """
        ...
