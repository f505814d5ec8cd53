"""The outbox port: events stored with a change until the bus has them; for the cart's Redis streams and for SQL tables."""

from collections.abc import Sequence
from typing import Protocol

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
