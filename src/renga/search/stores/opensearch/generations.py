"""Generations of the index as indexes behind aliases: ``<prefix>-products`` answers, ``<prefix>-building`` is being built."""

import secrets
from typing import Any

from renga.search.contract import RebuildLost, SearchUnavailable
from renga.search.stores.opensearch import mapping
from renga.search.stores.opensearch.connection import ADMINISTER_TIMEOUT_S, WRITE_TIMEOUT_S, Connection

_FOUND, _MISSING, _CONFLICT = 200, 404, 400


class Generations:
    """Aliases are changed in one step, and only as they were seen."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.live = f"{connection.prefix}-products"
        self._building, self._old = f"{connection.prefix}-building", f"{connection.prefix}-old"

    async def behind(self, alias: str) -> list[str]:
        """The indexes that an alias names."""
        answer = await self._connection.call("GET", "_alias", alias, expected=(_MISSING,))
        return [] if "error" in answer else sorted(answer)

    async def prepare(self) -> None:
        """Have a live generation. Of several that are made at once, the first stays: they have the same name."""
        if not await self.behind(self.live):
            name = f"{self.live}-first"
            body = self._body() | {"aliases": {self.live: {}}}
            await self._connection.call("PUT", name, body=body, timeout_s=ADMINISTER_TIMEOUT_S, expected=(_CONFLICT,))
            if not await self.behind(self.live):
                raise SearchUnavailable("the index could not be made")

    async def written(self) -> list[str]:
        """The indexes that take documents."""
        live, building = await self.behind(self.live), await self.behind(self._building)
        if not live:
            raise SearchUnavailable("the index was never made")
        return [*live, *(one for one in building if one not in live)]

    async def begin(self) -> str:
        before = await self.behind(self._building)
        name = f"{self.live}-{secrets.token_hex(6)}"
        await self._connection.call("PUT", name, body=self._body(), timeout_s=ADMINISTER_TIMEOUT_S)
        actions: list[dict[str, Any]] = [{"remove_index": {"index": one}} for one in before]
        await self._change([*actions, {"add": {"index": name, "alias": self._building}}])
        return name

    async def check_building(self, generation: str) -> None:
        """Raises RebuildLost."""
        if not generation.startswith(f"{self.live}-") or generation not in await self.behind(self._building):
            raise RebuildLost(f"generation {generation[:60]!r} is not being built")

    async def finish(self, generation: str) -> None:
        await self._connection.call("POST", generation, "_refresh", timeout_s=WRITE_TIMEOUT_S, expected=(_MISSING,))
        await self.check_building(generation)
        live, old = await self.behind(self.live), await self.behind(self._old)
        actions: list[dict[str, Any]] = [{"remove_index": {"index": one}} for one in old]
        actions += [{"remove": {"index": one, "alias": self.live}} for one in live]
        actions += [{"add": {"index": one, "alias": self._old}} for one in live]
        actions += [
            {"remove": {"index": generation, "alias": self._building}},
            {"add": {"index": generation, "alias": self.live}},
        ]
        await self._change(actions)

    async def abandon(self, generation: str) -> None:
        if generation in await self.behind(self._building):
            await self._change([{"remove_index": {"index": generation}}])

    async def _change(self, actions: list[dict[str, Any]]) -> None:
        await self._connection.call("POST", "_aliases", body={"actions": actions}, timeout_s=ADMINISTER_TIMEOUT_S)

    @staticmethod
    def _body() -> dict[str, Any]:
        return {"settings": {"index": mapping.settings()}, "mappings": mapping.mappings()}
