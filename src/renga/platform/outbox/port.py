"""The outbox port: events stored with a change until the bus has them; for the cart's Redis streams and for SQL tables."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from renga.kernel.events import Event


class Pending(msgspec.Struct, frozen=True):
    """An event in an outbox, with its position for ``trim``."""

    position: str
    event: Event


class Outbox(Protocol):
    """One ordered outbox (a cart shard's stream, a domain's table). Only the holder of its lease reads it."""

    @property
    def name(self) -> str:
        """Unique name, e.g. ``cart:17`` or ``catalog``; also the name of its lease."""
        ...

    async def read(self, limit: int) -> Sequence[Pending]:
        """The oldest ``limit`` events, oldest first, without removing them."""
        ...

    async def trim(self, positions: Sequence[str]) -> None:
        """Delete these events; called only after the bus confirmed them."""
        ...


class OutboxGroup(Protocol):
    """Outboxes on one server, which one call reads and one call trims."""

    async def read(self, names: Sequence[str], limit: int) -> Mapping[str, Sequence[Pending]]:
        """The oldest events of each, at most ``limit``; without those that have none."""
        ...

    async def trim(self, positions: Mapping[str, Sequence[str]]) -> None:
        """Delete these events of these outboxes."""
        ...


@runtime_checkable
class Grouped(Protocol):
    """An outbox of a group; several share one."""

    @property
    def group(self) -> OutboxGroup | None:
        """None: it is read and trimmed alone."""
        ...


class News(Protocol):
    """Knows without polling when some outboxes have events, so that an idle relay can sleep."""

    @property
    def names(self) -> frozenset[str]:
        """The outboxes that it can watch."""
        ...

    async def wait(self, names: Collection[str]) -> bool:
        """Return True when one of these may have events; False after a while without any. Raises Unavailable."""
        ...


@runtime_checkable
class Announced(Protocol):
    """An outbox with news; several share one."""

    @property
    def news(self) -> News | None:
        """None: it must be polled."""
        ...
