"""What the gate looks up in the module with the accounts: API keys, rights of sessions, merchants of accounts."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from renga.platform.sessions.port import Session


class KeyLimit(Protocol):
    @property
    def per_minute(self) -> int: ...
    @property
    def burst(self) -> int: ...


class KeyEntry(Protocol):
    """What the gate needs to know about an API key."""

    @property
    def id(self) -> str: ...
    @property
    def account_id(self) -> str: ...
    @property
    def merchant_id(self) -> str | None: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...
    @property
    def limit(self) -> KeyLimit: ...


class SessionRights(msgspec.Struct, frozen=True):
    """What a session allows: scopes, and the ids of the merchants that its account works for."""

    scopes: frozenset[str] = frozenset()
    merchants: frozenset[str] = frozenset()


#: The entry of a valid key; None for any other.
CheckKey = Callable[[str], Awaitable[KeyEntry | None]]
#: The cached entry of a recently checked key, without waiting; None: call ``CheckKey``.
KnownKey = Callable[[str], KeyEntry | None]
#: What the account of a session may do; ``strong``: its login used a second factor.
RightsOf = Callable[[Session, bool], Awaitable[SessionRights]]
#: Ids of the merchants that an account works for.
MerchantsOf = Callable[[str], Awaitable[frozenset[str]]]
