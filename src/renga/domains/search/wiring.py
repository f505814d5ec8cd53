"""The module declaration of search. The implementation is imported only when the module is opened."""

from collections.abc import Awaitable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renga.domains.search.contract.events import EVENTS
from renga.domains.search.settings import SearchSettings
from renga.kernel.clock import Clock
from renga.platform.modules.module import Module
from renga.platform.modules.opening import Contracts, Opened, Opening
from renga.platform.postgres.revisions import Migrations
from renga.platform.sections import Sections

if TYPE_CHECKING:
    import typer

    from renga.kernel.events import Event
    from renga.platform.cache.following import Invalidation
    from renga.platform.doctor.check import Check
    from renga.platform.http.face import Face, HttpContext
    from renga.platform.modules.command_line import CommandLine


def _open(opening: Opening) -> AbstractAsyncContextManager[Opened]:
    from renga.domains.search.opening import open_search

    return open_search(opening)


def _http(own: Any, contracts: Contracts, context: "HttpContext") -> "Face":
    from renga.domains.search.http import routes
    from renga.platform.http.face import Face

    search = contracts["search"]
    return Face(
        routes=routes(search, search, contracts["catalog"].cached, context.clock),
        cached=("/v1/search", "/v1/search/suggest"),
    )


def _commands(app: "typer.Typer", line: "CommandLine") -> None:
    from renga.domains.search.commands import add_commands

    add_commands(app, line)


def _doctor(settings: Sections, clock: Clock) -> "Mapping[str, Awaitable[list[Check]]]":
    url = settings[SearchSettings].index
    if not url:
        return {}
    from renga.domains.search.stores.opensearch.examining import check_index

    return {"search index": check_index(url)}


def _invalidation() -> "Invalidation":
    from renga.domains.catalog.contract import FACTS, PRODUCTS, tags_of
    from renga.domains.inventory.contract.events import BackInStock, StockDepleted
    from renga.domains.search.contract import SEARCH_TAG
    from renga.domains.search.contract.events import ALL_FACTS, SearchFact
    from renga.platform.bus.subscribing import types_of
    from renga.platform.cache.following import Invalidation

    def of_products(event: "Event") -> tuple[str, ...]:
        return (SEARCH_TAG,) if PRODUCTS in tags_of(event) else ()

    turning_points = types_of(StockDepleted, BackInStock)

    def of_read_models(event: "Event") -> tuple[str, ...]:
        return (SEARCH_TAG,) if event.type in turning_points else of_products(event)

    def tags(event: "Event") -> tuple[str, ...]:
        return (SEARCH_TAG,) if event.domain == SearchFact.DOMAIN else of_read_models(event)

    return Invalidation(patterns=(*FACTS, *ALL_FACTS, *turning_points), tags=tags, later=of_read_models)


async def _seed(search: Any, demo: dict[str, str]) -> None:
    await search.rebuild()


MODULE = Module(
    name="search",
    needs=("catalog",),
    uses=("inventory",),
    settings={"search": SearchSettings},
    migrations=Migrations("search", Path(__file__).parent / "stores" / "migrations" / "versions"),
    events=EVENTS,
    invalidation=_invalidation,
    scopes={"search:manage": "manage synonyms and pins of the shop's search"},
    grants={"admin": frozenset({"search:manage"}), "service": frozenset({"search:manage"})},
    doctor=_doctor,
    open=_open,
    http=_http,
    commands=_commands,
    seed=_seed,
)
