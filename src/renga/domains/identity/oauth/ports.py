"""Ports of the authorization server: token store, pending requests, signing keys, publication of revocations."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import msgspec

from renga.domains.identity.oauth.model import AuthorizationCode, AuthorizationRequest, Family, OpenRequest
from renga.domains.identity.oauth.model.errors import OAuthError
from renga.kernel.revocation import Revocation

#: rotate: next generation; refuse: no change; end: token reuse, the family is revoked.
Verdict = Literal["rotate", "refuse", "end"]


class Redemption(msgspec.Struct, frozen=True, kw_only=True):
    """The result of presenting a code. ``ended`` is what a replay revoked."""

    code: AuthorizationCode | None = None
    family: Family | None = None
    error: OAuthError | None = None
    ended: Revocation | None = None


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """The result of presenting a refresh token; ``family`` is its present state."""

    verdict: Verdict
    family: Family | None = None
    ended: Revocation | None = None


class TokenStore(Protocol):
    """Codes, families and revocations; each change is one transaction with its audit entry. Raises Unavailable."""

    async def keep_code(self, code_hash: bytes, family_id: str, code: AuthorizationCode) -> None:
        """Store a code for one use."""
        ...

    async def redeem(
        self,
        code_hash: bytes,
        *,
        check: Callable[[AuthorizationCode], OAuthError | None],
        begin: Callable[[AuthorizationCode, str], Family],
        end: Callable[[Family], Revocation],
        address: str,
        now_ms: int,
    ) -> Redemption:
        """Use a code up, even if ``check`` refuses it; a code used before ends its family, with an audit entry."""
        ...

    async def find_family(self, family_id: str) -> Family | None:
        """The family's present state."""
        ...

    async def rotate(
        self,
        family_id: str,
        *,
        judge: Callable[[Family], Verdict],
        end: Callable[[Family], Revocation],
        address: str,
        now_ms: int,
    ) -> Rotation:
        """Judge and apply under the family's lock, so that concurrent calls are judged one after the other."""
        ...

    async def end(
        self,
        revocation: Revocation,
        *,
        action: str,
        account_id: str | None,
        by: str | None,
        address: str,
        now_ms: int,
    ) -> None:
        """Store a revocation and end the families that it covers."""
        ...

    async def unannounced(self, *, everything: bool, now_ms: int, limit: int) -> Sequence[tuple[int, Revocation]]:
        """Revocations still in force that are not announced yet (or all in force), oldest first."""
        ...

    async def mark_announced(self, positions: Sequence[int]) -> None:
        """Mark these as announced."""
        ...

    async def purge(self, now_ms: int) -> int:
        """Delete expired rows; returns how many."""
        ...


class PendingRequestStore(Protocol):
    """Pending authorization requests, stored for minutes. Taking is atomic: only one caller gets it. Raises Unavailable."""

    async def push(self, handle: str, request: AuthorizationRequest, life_s: int) -> None:
        """Store a pushed request."""
        ...

    async def take_pushed(self, handle: str) -> AuthorizationRequest | None:
        """Take the pushed request."""
        ...

    async def open(self, handle: str, request: OpenRequest, life_s: int) -> None:
        """Store (or replace) a request that waits for login or consent."""
        ...

    async def opened(self, handle: str) -> OpenRequest | None:
        """The open request, without taking it."""
        ...

    async def take_opened(self, handle: str) -> OpenRequest | None:
        """Take the open request."""
        ...

    async def keep_text(self, handle: str, text: bytes, life_s: int) -> None:
        """Store a value under a key of the caller."""
        ...

    async def take_text(self, handle: str) -> bytes | None:
        """Take the value."""
        ...


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A signing key as it is stored: ``private`` is encrypted, ``public`` a JWK with its ``alg``."""

    kid: str
    state: Literal["next", "active", "retired"]
    public: dict[str, str]
    private: bytes
    created_ms: int
    changed_ms: int

    @property
    def algorithm(self) -> str:
        """The only algorithm of this key."""
        return self.public["alg"]


class SigningKeyStore(Protocol):
    """Signing keys. Raises Unavailable."""

    async def all(self) -> tuple[KeyRow, ...]:
        """Oldest first."""
        ...

    async def change(self, decide: Callable[[tuple[KeyRow, ...]], tuple[KeyRow, ...]]) -> tuple[KeyRow, ...]:
        """Replace the keys by the result of ``decide``, one process at a time; returns the present keys."""
        ...


class RevocationPublisher(Protocol):
    """Publishes revocations to every process. Raises Unavailable."""

    async def publish(self, revocations: list[Revocation]) -> None:
        """Idempotent."""
        ...

    async def exists(self) -> bool:
        """False: earlier publications are lost and must be repeated."""
        ...
