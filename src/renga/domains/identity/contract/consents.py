"""The authorization server's side of the consent screen."""

from typing import Protocol

import msgspec

from renga.kernel.caller import Caller


class PendingConsent(msgspec.Struct, frozen=True, kw_only=True):
    """A client's open request for consent. ``redirect_host`` is where the answer goes, ``account_email`` who was asked."""

    client_name: str
    redirect_host: str
    scopes: tuple[str, ...]
    account_email: str


class Consents(Protocol):
    """The authorization server's side of the consent screen. The caller comes first.

    A request that asks another account is ConsentNotFound, as one that is not open.
    """

    async def pending(self, caller: Caller, request_id: str) -> PendingConsent:
        """Raises ConsentNotFound."""
        ...

    async def decide(self, caller: Caller, request_id: str, allow: bool) -> str:
        """Allow or deny; answers the address to go on to (the client's, exact). Once. Raises ConsentNotFound."""
        ...
