"""The catalogue's module declaration. The implementation is imported only when the module is opened."""

from collections.abc import Awaitable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renga.domains.catalog.contract.events import EVENTS
from renga.domains.catalog.settings import CatalogSettings
from renga.kernel.clock import Clock
from renga.platform.modules.module import Module
from renga.platform.modules.opening import Contracts, Opened, Opening
from renga.platform.postgres.revisions import Migrations
from renga.platform.ratelimit.rates import RateClass
from renga.platform.sections import Sections

if TYPE_CHECKING:
    import typer

    from renga.platform.cache.following import Invalidation
    from renga.platform.doctor.check import Check
    from renga.platform.http.face import Face, HttpContext
    from renga.platform.modules.command_line import CommandLine

#: The key of the demo's values with the merchant of its products; set by identity's seed.
DEMO_MERCHANT = "merchant"


def _open(opening: Opening) -> AbstractAsyncContextManager[Opened]:
    from renga.domains.catalog.opening import open_catalog

    return open_catalog(opening)


def _http(own: Any, contracts: Contracts, context: "HttpContext") -> "Face":
    from renga.domains.catalog.face import face_of

    return face_of(contracts["catalog"], context)


def _commands(app: "typer.Typer", line: "CommandLine") -> None:
    from renga.domains.catalog.commands import add_commands

    add_commands(app, line)


async def _prepare(settings: Sections) -> None:
    from renga.domains.catalog.opening import prepare_store

    await prepare_store(settings[CatalogSettings].store)


def _doctor(settings: Sections, clock: Clock) -> "Mapping[str, Awaitable[list[Check]]]":
    from renga.platform.doctor.mongo import check_mongo

    url = settings[CatalogSettings].store
    return {"catalog store": check_mongo(url, "RENGA_CATALOG_STORE", setting="catalog.store")} if url else {}


def _invalidation() -> "Invalidation":
    from renga.domains.catalog.contract import FACTS, MEMBERS, PRODUCTS, tags_of
    from renga.platform.cache.following import Invalidation

    return Invalidation(
        patterns=FACTS, tags=tags_of, later=lambda event: (MEMBERS,) if PRODUCTS in tags_of(event) else ()
    )


async def _seed(catalog: Any, demo: dict[str, str]) -> None:
    await catalog.seed_demo(demo.get(DEMO_MERCHANT))


async def _holds_data(catalog: Any) -> bool:
    return bool((await catalog.products(limit=1)).items)


MODULE = Module(
    name="catalog",
    settings={"catalog": CatalogSettings},
    migrations=Migrations("catalog", Path(__file__).parent / "stores" / "migrations" / "versions"),
    prepare=_prepare,
    events=EVENTS,
    invalidation=_invalidation,
    scopes={
        "catalog:write": "manage the products of your merchants",
        "catalog:manage": "manage the whole catalogue: every merchant's products, categories, collections, product types",
    },
    grants={
        "merchant": frozenset({"catalog:write"}),
        "admin": frozenset({"catalog:write", "catalog:manage"}),
        "service": frozenset({"catalog:write", "catalog:manage"}),
    },
    member_grants={role: frozenset({"catalog:write"}) for role in ("owner", "manager", "clerk")},
    rate_classes=(RateClass(name="import", what="bulk imports", per_minute=6, burst=3),),
    doctor=_doctor,
    open=_open,
    http=_http,
    commands=_commands,
    seed=_seed,
    holds_data=_holds_data,
)
