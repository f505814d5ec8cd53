"""Where events wait between the step that made them and the bus: one port for the cart's Redis streams and SQL tables."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.kernel.events import Event


class Pending(msgspec.Struct, frozen=True):
    """An event in an outbox, with the position that trims it."""

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
        """Remove these for good; called only after the bus confirmed them."""
        ...
