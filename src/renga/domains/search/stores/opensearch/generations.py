"""Generations of the index as indexes behind aliases, which the cluster changes in one step.

``<prefix>-products`` answers and takes documents, ``<prefix>-building`` takes documents meanwhile, ``<prefix>-old`` was the one
before and goes with the next swap. Writers know only aliases, so that none writes into an index that has just been replaced; the
builder of a generation has an alias of its own, which is gone as soon as the generation is not being built any more.
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
#: How often a change is begun anew when the aliases are not as they were seen.
TRIES_MAX = 5
_NAME = re.compile(r"[a-z0-9-]{1,100}")
Action = dict[str, dict[str, str]]


class Generations:
    """Which indexes there are, and what they are for."""

    def __init__(self, connection: OpenSearchConnection) -> None:
        self._connection = connection
        self.live = f"{connection.prefix}-products"
        self.building, self._old = f"{connection.prefix}-building", f"{connection.prefix}-old"

    @staticmethod
    def filling(generation: str) -> str:
        """The alias of who builds it."""
        return f"{generation}-filling"

    async def behind(self, alias: str) -> list[str]:
        """The indexes that an alias names."""
        answer = await self._connection.call("GET", "_alias", alias, expected=(_MISSING,))
        return [] if "error" in answer else sorted(answer)

    async def prepare(self) -> None:
        """Have a live generation. Of several that are made at once, the first stays: they have the same name."""
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
        """Two that began in the same moment: both see it, and drop the same one."""
        *others, _ = await self.behind(self.building) or [""]
        for one in others:
            await self._change([_drop(one)])

    async def check_building(self, generation: str) -> None:
        """Raises RebuildLost."""
        known = generation.startswith(f"{self.live}-") and _NAME.fullmatch(generation)
        if not known or generation not in await self.behind(self.building):
            raise RebuildLost(f"generation {generation[:60]!r} is not being built")

    async def finish(self, generation: str) -> None:
        """Everything that was put into it is found from the first moment on."""
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
        """All of it in one step; False, and nothing, if an index or an alias of it is not there any more."""
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
