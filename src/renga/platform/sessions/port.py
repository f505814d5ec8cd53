"""Web sessions: an opaque cookie, everything else in Redis; rotated at login, ended by idleness and by age."""

from typing import Protocol

import msgspec

#: Ends after this long without a request, and after this long in any case.
IDLE_S, ABSOLUTE_S = 3_600 * 24, 86_400 * 30
#: ``__Host-`` needs Secure: over plain HTTP (development) the name goes without it.
COOKIE, COOKIE_PLAIN = "__Host-renga", "renga_session"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One browser. ``account_id`` is None before login; ``pending_account_id`` is set between first and second factor.

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
    """Every method raises Unavailable when the store is away."""

    async def read(self, secret: str) -> Session | None:
        """The session of a cookie's value; None if unknown or over. Keeps it from going idle."""
        ...

    async def start(self, *, address: str, agent: str) -> tuple[str, Session]:
        """A new anonymous session: the cookie's value and the session."""
        ...

    async def rotate(self, secret: str, session: Session) -> str:
        """The same browser with new rights: a new cookie value; the old one is dead at once (session fixation)."""
        ...

    async def end(self, secret: str) -> None:
        """Log out. One that is not there is no error."""
        ...

    async def of_account(self, account_id: str) -> tuple[Session, ...]:
        """Her living sessions, the latest seen first."""
        ...

    async def revoke(self, account_id: str, session_id: str | None = None, *, but: str | None = None) -> int:
        """End one of hers, or all, ``but`` one; how many ended."""
        ...
