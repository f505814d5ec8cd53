"""What the authorization server needs: its store, its short memory, its keys, accounts by verified address."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import msgspec

from renga.domains.identity.oauth.model import AuthorizationCode, AuthorizationRequest, Family, OpenRequest
from renga.domains.identity.oauth.model.errors import OAuthError
from renga.kernel.revocation import Revocation

#: rotate: the next generation; refuse: nothing changes; end: the family was used by two.
Verdict = Literal["rotate", "refuse", "end"]


class Redemption(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a shown code. ``ended`` is what a replay ended."""

    code: AuthorizationCode | None = None
    family: Family | None = None
    error: OAuthError | None = None
    ended: Revocation | None = None


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a shown refresh token; ``family`` is as it is now."""

    verdict: Verdict
    family: Family | None = None
    ended: Revocation | None = None


class TokenStore(Protocol):
    """Codes, families and revocations; every change is one transaction with its audit entry. Raises Unavailable."""

    async def keep_code(self, code_hash: bytes, family_id: str, code: AuthorizationCode) -> None:
        """A code that may be shown once."""
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
        """Use a code up. ``check`` may refuse it (it is used up all the same); a used one ends its family, audited."""
        ...

    async def find_family(self, family_id: str) -> Family | None:
        """The family as it stands."""
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
        """Judge under the family's lock and do it: of two at once, the second is judged after the first."""
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
        """Keep a revocation and end the families that it covers."""
        ...

    async def untold(self, *, everything: bool, now_ms: int, limit: int) -> Sequence[tuple[int, Revocation]]:
        """Revocations that still matter and were not told to every process (or all of them), oldest first."""
        ...

    async def mark_announced(self, positions: Sequence[int]) -> None:
        """These were told."""
        ...

    async def purge(self, now_ms: int) -> int:
        """Forget what is over; how much it was."""
        ...


class ShortMemory(Protocol):
    """Requests that are under way, kept for minutes. Taking is atomic: one of two gets it. Raises Unavailable."""

    async def push(self, handle: str, request: AuthorizationRequest, life_s: int) -> None:
        """Keep a pushed request."""
        ...

    async def take_pushed(self, handle: str) -> AuthorizationRequest | None:
        """The pushed request, once."""
        ...

    async def open(self, handle: str, request: OpenRequest, life_s: int) -> None:
        """Keep (or replace) a request that waits for its person."""
        ...

    async def opened(self, handle: str) -> OpenRequest | None:
        """Look at it."""
        ...

    async def take_opened(self, handle: str) -> OpenRequest | None:
        """The open request, once."""
        ...

    async def keep_text(self, handle: str, text: bytes, life_s: int) -> None:
        """Keep something of the caller's own."""
        ...

    async def take_text(self, handle: str) -> bytes | None:
        """It, once."""
        ...


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A signing key as it is stored: ``private`` is sealed."""

    kid: str
    state: Literal["next", "active", "retired"]
    public: dict[str, str]
    private: bytes
    created_ms: int
    changed_ms: int


class SigningKeyStore(Protocol):
    """Signing keys. Raises Unavailable."""

    async def all(self) -> tuple[KeyRow, ...]:
        """Oldest first."""
        ...

    async def change(self, decide: Callable[[tuple[KeyRow, ...]], tuple[KeyRow, ...]]) -> tuple[KeyRow, ...]:
        """Replace the keys by what ``decide`` makes of them, one process at a time; answers what stands now."""
        ...


class RevocationTeller(Protocol):
    """Tells every process what was revoked. Raises Unavailable."""

    async def publish(self, revocations: list[Revocation]) -> None:
        """Telling twice does no harm."""
        ...

    async def exists(self) -> bool:
        """False: whatever was told is lost, tell it again."""
        ...
