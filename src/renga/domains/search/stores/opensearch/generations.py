"""Generations of the index as indexes behind aliases, which the cluster changes atomically.

``<prefix>-products`` is live (read and written), ``<prefix>-building`` is written during a rebuild, ``<prefix>-old`` is the
previous one and is dropped at the next swap. Writers only use aliases, so none writes to an index that was just replaced; a
rebuild has its own alias, which is removed when the generation is no longer being built.
"""

import re
import secrets
from typing import Any

from renga.domains.search.contract import RebuildLost, SearchUnavailable
from renga.domains.search.stores.opensearch import mapping
from renga.domains.search.stores.opensearch.connection import (
    ADMINISTER_TIMEOUT_S,
    WRITE_TIMEOUT_S,
    OpenSearchConnection,
)

_MISSING, _CONFLICT = 404, 400
#: Attempts of a change of aliases that conflicts with another one.
TRIES_MAX = 5
_NAME = re.compile(r"[a-z0-9-]{1,100}")
Action = dict[str, dict[str, str]]


class Generations:
    """Creates, swaps and drops the indexes."""

    def __init__(self, connection: OpenSearchConnection) -> None:
        self._connection = connection
        self.live = f"{connection.prefix}-products"
        self.building, self._old = f"{connection.prefix}-building", f"{connection.prefix}-old"

    @staticmethod
    def filling(generation: str) -> str:
        """The alias of its rebuild."""
        return f"{generation}-filling"

    async def behind(self, alias: str) -> list[str]:
        """The indexes of an alias."""
        answer = await self._connection.call("GET", "_alias", alias, expected=(_MISSING,))
        return [] if "error" in answer else sorted(answer)

    async def prepare(self) -> None:
        """Create a live generation if there is none. Concurrent calls use the same name, so the first one wins."""
        if not await self.behind(self.live):
            await self._make(f"{self.live}-first", {self.live: {}}, expected=(_CONFLICT,))
            if not await self.behind(self.live):
                raise SearchUnavailable("the index could not be made")

    async def begin(self) -> str:
        name = f"{self.live}-{secrets.token_hex(6)}"
        await self._make(name, {})
        for _ in range(TRIES_MAX):
            before = await self.behind(self.building)
            aliases = [_add(name, self.building), _add(name, self.filling(name))]
            if await self._change([*map(_drop, before), *aliases]):
                await self._keep_one()
                return name
        await self._change([_drop(name)])
        raise SearchUnavailable("other rebuilds begin all the time")

    async def _keep_one(self) -> None:
        """After a concurrent start of two rebuilds both see two indexes and drop the same one."""
        *others, _ = await self.behind(self.building) or [""]
        for one in others:
            await self._change([_drop(one)])

    async def check_building(self, generation: str) -> None:
        """Raises RebuildLost."""
        known = generation.startswith(f"{self.live}-") and _NAME.fullmatch(generation)
        if not known or generation not in await self.behind(self.building):
            raise RebuildLost(f"generation {generation[:60]!r} is not being built")

    async def finish(self, generation: str) -> None:
        """Refreshes it first, so that all its documents can be found at once."""
        for _ in range(TRIES_MAX):
            await self.check_building(generation)
            await self._connection.call("POST", generation, "_refresh", timeout_s=WRITE_TIMEOUT_S, expected=(_MISSING,))
            live, old = await self.behind(self.live), await self.behind(self._old)
            actions = [_drop(one) for one in old if one not in live]
            for one in live:
                actions += [_remove(one, self.live), _add(one, self._old)]
            actions += [_remove(generation, self.building), _remove(generation, self.filling(generation))]
            if await self._change([*actions, _add(generation, self.live)]):
                return
        raise SearchUnavailable("the aliases of the index change all the time")

    async def abandon(self, generation: str) -> None:
        if generation in await self.behind(self.building):
            await self._change([_drop(generation)])

    async def _make(self, name: str, aliases: dict[str, Any], expected: tuple[int, ...] = ()) -> None:
        body = {"settings": {"index": mapping.settings()}, "mappings": mapping.mappings(), "aliases": aliases}
        await self._connection.call("PUT", name, body=body, timeout_s=ADMINISTER_TIMEOUT_S, expected=expected)

    async def _change(self, actions: list[Action]) -> bool:
        """Apply all actions atomically; False, and no change, if an index or alias no longer exists."""
        answer = await self._connection.call(
            "POST", "_aliases", body={"actions": actions}, timeout_s=ADMINISTER_TIMEOUT_S, expected=(_MISSING,)
        )
        return "error" not in answer


def _add(index: str, alias: str) -> Action:
    return {"add": {"index": index, "alias": alias}}


def _remove(index: str, alias: str) -> Action:
    return {"remove": {"index": index, "alias": alias}}


def _drop(index: str) -> Action:
    return {"remove_index": {"index": index}}
