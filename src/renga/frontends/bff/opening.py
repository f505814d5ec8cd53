"""Opens the BFF: builds its adapters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from renga.domains.cart.contract import Carts
from renga.domains.catalog.contract import Catalog
from renga.domains.identity.contract import CallerFacts, IdentityContracts, NoCallerFacts
from renga.domains.inventory.contract.counted_catalog import CountedCatalog
from renga.domains.search.contract import Search, SearchPage, SearchQuery, SearchUnavailable, Suggestion
from renga.frontends.bff.graphql.answers import GraphAnswers, KeptGraphAnswer
from renga.frontends.bff.graphql.context import GraphContracts
from renga.frontends.bff.graphql.persisted import MemoryPersistedQueries, read_allow_list
from renga.frontends.bff.graphql.service import GraphQL
from renga.frontends.bff.graphql.settings import GraphQLSettings
from renga.frontends.bff.stores.redis import RedisPersistedQueries
from renga.kernel.clock import Clock
from renga.platform.cache.hurried import HurriedReads
from renga.platform.cache.port import Cache
from renga.platform.modules.opening import Opened, Opening
from renga.platform.redis.client import HotRedis

#: Bytes of a cached answer besides its body.
OVERHEAD_BYTES = 1_000
#: Raw requests remembered per cached answer: different texts of the same query.
REQUESTS_PER_ANSWER = 4


class NoSearch:
    """Search in a process that has none: always unavailable."""

    async def search(self, query: SearchQuery) -> SearchPage:
        raise SearchUnavailable

    async def suggest(
        self, text: str, *, language: str = "pt-BR", channel: str = "web", limit: int = 8
    ) -> tuple[Suggestion, ...]:
        raise SearchUnavailable


def make_graphql(
    settings: GraphQLSettings,
    *,
    catalog: Catalog,
    carts: Carts,
    clock: Clock,
    search: Search | None = None,
    redis: HotRedis | None = None,
    cache: Cache[KeptGraphAnswer] | None = None,
    facts: CallerFacts | None = None,
) -> GraphQL:
    """GraphQL over these contracts. Without ``search``, search fields answer as while search is unavailable. Without ``redis``
    persisted queries are stored per process; without ``cache`` no answers are cached.

    Raises SettingsInvalid for an allow-list that cannot be read.
    """
    behind = None if redis is None else RedisPersistedQueries(redis, life_s=settings.persisted_life_s)
    answers = None
    if cache is not None and settings.answers_max:
        answers = GraphAnswers(cache, settings.answers_max * REQUESTS_PER_ANSWER)
    return GraphQL(
        GraphContracts(
            catalog=catalog,
            search=search or NoSearch(),
            carts=carts,
            clock=clock,
            currency=settings.currency,
            facts=facts or NoCallerFacts(),
        ),
        settings,
        persisted=MemoryPersistedQueries(settings.persisted_max, behind),
        answers=answers,
        allowed=read_allow_list(settings.allow_list),
    )


@asynccontextmanager
async def open_bff(opening: Opening) -> AsyncIterator[Opened]:
    """GraphQL over the contracts; persisted queries are shared by all processes."""
    resources = opening.resources
    identity: IdentityContracts | None = opening.contracts.get("identity")
    yield Opened(
        contract=make_graphql(
            opening.settings[GraphQLSettings],
            catalog=_counted(opening),
            carts=opening.contracts["cart"],
            search=opening.contracts.get("search"),
            clock=resources.clock,
            redis=resources.redis,
            facts=None if identity is None else identity.facts,
            cache=resources.cache("graphql", KeptGraphAnswer, size_of=size_of),
        )
    )


def _counted(opening: Opening) -> Catalog:
    """Products with the availability of their stock, if the process has stock."""
    catalog: Catalog = opening.contracts["catalog"].cached
    stock = opening.contracts.get("inventory")
    return (
        catalog
        if stock is None
        else CountedCatalog(catalog, stock, opening.resources.clock, HurriedReads(opening.resources.clock))
    )


def size_of(kept: KeptGraphAnswer) -> int:
    """The approximate size of an answer in bytes."""
    return len(kept.body) + OVERHEAD_BYTES
