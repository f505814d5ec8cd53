"""Reads and trims many outboxes at once: those of a group in one call, the others side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import ParamSpec, TypeVar

from renga.kernel.errors import Unavailable
from renga.platform.outbox.port import Grouped, Outbox, OutboxGroup, Pending

T = TypeVar("T")
P = ParamSpec("P")


class OutboxBatches:
    """The outboxes of a relay by name. An outbox that is unavailable does not hold up those of other servers."""

    def __init__(self, outboxes: Mapping[str, Outbox]) -> None:
        self._outboxes = dict(outboxes)
        groups = {name: box.group for name, box in outboxes.items() if isinstance(box, Grouped)}
        self._groups: dict[str, OutboxGroup] = {name: group for name, group in groups.items() if group is not None}
        self.names = frozenset(outboxes)

    async def read(self, names: Iterable[str], limit: int) -> dict[str, Sequence[Pending] | Unavailable]:
        """The oldest events of each, or why they cannot be read; without those that have none."""
        groups, single = self._split(names)
        of_groups = await asyncio.gather(*(_or_why(group.read, members, limit) for group, members in groups))
        alone = await asyncio.gather(*(_or_why(self._outboxes[name].read, limit) for name in single))
        found: dict[str, Sequence[Pending] | Unavailable] = dict(zip(single, alone, strict=True))
        for (_, members), batches in zip(groups, of_groups, strict=True):
            found |= dict.fromkeys(members, batches) if isinstance(batches, Unavailable) else batches
        return {name: batch for name, batch in found.items() if isinstance(batch, Unavailable) or batch}

    async def trim(self, positions: Mapping[str, Sequence[str]]) -> dict[str, Unavailable]:
        """Delete these events; returns which outboxes could not be trimmed, and why."""
        groups, single = self._split(positions)
        outcomes = await asyncio.gather(
            *(_or_why(group.trim, {name: positions[name] for name in members}) for group, members in groups),
            *(_or_why(self._outboxes[name].trim, positions[name]) for name in single),
        )
        owners = [*(members for _, members in groups), *([name] for name in single)]
        return {
            name: outcome
            for members, outcome in zip(owners, outcomes, strict=True)
            for name in members
            if outcome is not None
        }

    def _split(self, names: Iterable[str]) -> tuple[list[tuple[OutboxGroup, list[str]]], list[str]]:
        groups: dict[int, tuple[OutboxGroup, list[str]]] = {}
        single: list[str] = []
        for name in names:
            group = self._groups.get(name)
            if group is None:
                single.append(name)
            else:
                groups.setdefault(id(group), (group, []))[1].append(name)
        return list(groups.values()), single


async def _or_why(call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T | Unavailable:
    try:
        return await call(*args, **kwargs)
    except Unavailable as error:
        return error
