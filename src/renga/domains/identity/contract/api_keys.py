"""API keys: made, shown once, rotated, revoked, checked."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.domains.identity.contract.accounts import Visitor
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
    """API keys of an account or of its merchant. ``visitor`` and ``once`` as with Merchants."""

    async def create(
        self,
        by: str,
        name: str,
        scopes: Sequence[str],
        *,
        merchant_id: str | None,
        life_s: int | None,
        limit: RateLimit | None,
        visitor: Visitor | None = None,
        once: Once | None = None,
    ) -> NewKey:
        """Raises ScopeNotAllowed (beyond what ``by`` may), MerchantNotFound, Forbidden, OrganisationInvalid, TooMany."""
        ...

    async def of_owner(self, by: str, merchant_id: str | None) -> tuple[ApiKey, ...]:
        """Newest first. Raises MerchantNotFound, Forbidden."""
        ...

    async def rotate(
        self, by: str, key_id: str, *, overlap_s: int, visitor: Visitor | None = None, once: Once | None = None
    ) -> NewKey:
        """A successor with the same scopes, limit and life; the old key works ``overlap_s`` more seconds.

        Raises KeyNotFound, KeyNotActive, ScopeNotAllowed (``by`` may less than the key), OrganisationInvalid, Forbidden.
        """
        ...

    async def revoke(self, by: str, key_id: str, *, visitor: Visitor | None = None) -> None:
        """At once (everywhere within seconds). Raises KeyNotFound, Forbidden; a revoked key is no error."""
        ...

    async def check(self, key: str) -> ApiKey | None:
        """The key's entry if it is valid now, else None. Cached for seconds; keeps when it was last used.

        ``scopes`` are those that its maker may use now: never more than the key was given, less once she lost a role.
        """
        ...
