"""The authorization server's side of the consent screen."""

from typing import Protocol

import msgspec


class PendingConsent(msgspec.Struct, frozen=True, kw_only=True):
    """A client's open request for consent. ``redirect_host`` is where the answer goes, ``account_email`` who was asked."""

    client_name: str
    redirect_host: str
    scopes: tuple[str, ...]
    account_email: str


class Consents(Protocol):
    """The authorization server's side of the consent screen. The page asks only whom ``account_email`` names."""

    async def pending(self, request_id: str) -> PendingConsent:
        """Raises ConsentNotFound."""
        ...

    async def decide(self, request_id: str, allow: bool) -> str:
        """Allow or deny; answers the address to go on to (the client's, exact). Once. Raises ConsentNotFound."""
        ...
