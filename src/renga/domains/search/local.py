"""Search in this process: the contract over the use cases."""

from collections.abc import Sequence

from renga.domains.search import steer
from renga.domains.search.asking import check_language
from renga.domains.search.contract import (
    MERCHANDISING,
    ZERO_RESULTS_MAX,
    Pins,
    SearchInvalid,
    SearchPage,
    SearchQuery,
    Suggestion,
    Synonyms,
    ZeroResult,
)
from renga.domains.search.ports import SearchIndex, SteeringStore
from renga.domains.search.search_products import search_products
from renga.domains.search.steering import Steering
from renga.domains.search.suggest import suggest
from renga.domains.search.taxonomy import TaxonomyReader
from renga.domains.search.zero_results import ZeroResultLog
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource


class LocalSearch:
    """Implements ``contract.Search`` and ``contract.Merchandising``."""

    def __init__(
        self,
        index: SearchIndex,
        store: SteeringStore,
        taxonomy: TaxonomyReader,
        steering: Steering,
        zero_results: ZeroResultLog,
        *,
        clock: Clock,
        new_id: IdSource,
    ) -> None:
        self._index = index
        self._store = store
        self._taxonomy = taxonomy
        self._steering = steering
        self._zero_results = zero_results
        self._clock = clock
        self._new_id = new_id

    async def search(self, query: SearchQuery) -> SearchPage:
        return await search_products(self._index, self._taxonomy, self._steering, self._zero_results, query)

    async def suggest(
        self, text: str, *, language: str = "pt-BR", channel: str = "web", limit: int = 8
    ) -> tuple[Suggestion, ...]:
        return await suggest(self._index, self._taxonomy, text, language=language, channel=channel, limit=limit)

    async def synonyms(self, caller: Caller, language: str) -> tuple[Synonyms, ...]:
        caller.require(MERCHANDISING)
        check_language(language)
        return (await self._store.synonyms()).get(language, ())

    async def set_synonyms(self, caller: Caller, language: str, synonyms: Sequence[Synonyms]) -> None:
        caller.require(MERCHANDISING)
        await steer.set_synonyms(self._store, language, synonyms, clock=self._clock, new_id=self._new_id)
        await self._steering.read()

    async def pins(self, caller: Caller) -> tuple[Pins, ...]:
        caller.require(MERCHANDISING)
        return await self._store.pins()

    async def set_pins(self, caller: Caller, pins: Pins) -> None:
        caller.require(MERCHANDISING)
        await steer.set_pins(self._store, pins, clock=self._clock, new_id=self._new_id)
        await self._steering.read()

    async def zero_results(self, caller: Caller, limit: int = 100) -> tuple[ZeroResult, ...]:
        caller.require(MERCHANDISING)
        if not 1 <= limit <= ZERO_RESULTS_MAX:
            raise SearchInvalid(f"limit is from 1 to {ZERO_RESULTS_MAX}", field="limit")
        await self._zero_results.flush()
        return await self._store.zero_results(limit)
