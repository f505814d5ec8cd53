"""Web sessions: an opaque cookie, all data in Redis; rotated at login, ended by idle time and by age."""

from typing import Protocol

import msgspec

#: A session ends after this idle time, and after this age in any case.
IDLE_S, ABSOLUTE_S = 3_600 * 24, 86_400 * 30
#: ``__Host-`` needs Secure: over plain HTTP (development) the name has no prefix.
COOKIE, COOKIE_PLAIN = "__Host-renga", "renga_session"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """The session of one browser. ``account_id`` is None before login; ``pending_account_id``: between first and second factor.

    ``id`` is a public handle (to list and revoke), not the cookie's secret. ``csrf`` goes into forms. ``amr`` as in RFC 8176.
    """

    id: str
    csrf: str
    account_id: str | None = None
    pending_account_id: str | None = None
    stakeholders: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()
    auth_at_ms: int = 0
    created_ms: int = 0
    seen_ms: int = 0
    address: str = ""
    agent: str = ""


class Sessions(Protocol):
    """Every method raises Unavailable when the store is unreachable."""

    async def read(self, secret: str) -> Session | None:
        """The session of a cookie's value; None if unknown or ended. Resets its idle time."""
        ...

    async def start(self, *, address: str, agent: str) -> tuple[str, Session]:
        """Start an anonymous session; returns the cookie's value and the session."""
        ...

    async def rotate(self, secret: str, session: Session) -> str:
        """Store changed rights under a new cookie value (returned); the old value is invalid at once (session fixation)."""
        ...

    async def end(self, secret: str) -> None:
        """End a session (logout). Idempotent."""
        ...

    async def of_account(self, account_id: str) -> tuple[Session, ...]:
        """The account's active sessions, the most recently used first."""
        ...

    async def revoke(self, account_id: str, session_id: str | None = None, *, but: str | None = None) -> int:
        """End one session of the account, or all of them except ``but``; returns how many ended."""
        ...
