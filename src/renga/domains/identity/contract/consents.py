"""Requests for consent at the authorization server, for a consent screen."""

from typing import Protocol

import msgspec

from renga.kernel.caller import Caller


class PendingConsent(msgspec.Struct, frozen=True, kw_only=True):
    """A client's open request for consent. ``redirect_host`` receives the answer; ``account_email`` is the account asked."""

    client_name: str
    redirect_host: str
    scopes: tuple[str, ...]
    account_email: str


class Consents(Protocol):
    """Open requests for consent. ``caller`` is the first parameter.

    A request for another account raises ConsentNotFound, like one that is not open.
    """

    async def pending(self, caller: Caller, request_id: str) -> PendingConsent:
        """Raises ConsentNotFound."""
        ...

    async def decide(self, caller: Caller, request_id: str, allow: bool) -> str:
        """Allow or deny, once; returns the URL to redirect to (the client's registered one). Raises ConsentNotFound."""
        ...
