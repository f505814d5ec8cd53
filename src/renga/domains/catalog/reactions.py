"""Consumers of the catalogue's own events: apply the rules of collections, remove deleted categories from products."""

from collections.abc import Sequence

import msgspec

from renga.domains.catalog.contract import Product, Rule
from renga.domains.catalog.contract.events import (
    CategoryChanged,
    CollectionChanged,
    ProductArchived,
    ProductPublished,
    ProductUpdated,
)
from renga.domains.catalog.contract.rules import meets, parents_of
from renga.domains.catalog.dependencies import CatalogDependencies
from renga.domains.catalog.model import decide, draft_like
from renga.domains.catalog.ports import StaleWrite
from renga.kernel.errors import RengaError
from renga.platform.bus.port import Consumer
from renga.platform.bus.subscribing import Heard, subscribe

#: Events per batch, and products per step of a scan of all products.
NEWS_BATCH_MAX, WALK_BATCH_MAX = 500, 500
#: Deadline of a scan of all products: enough for some millions.
WALK_TIMEOUT_S = 3_600.0

_EVENTS = (ProductUpdated, ProductPublished, ProductArchived, CollectionChanged, CategoryChanged)
_MembershipEvent = Heard[ProductUpdated | CollectionChanged | CategoryChanged]


def consumers(dependencies: CatalogDependencies) -> list[Consumer]:
    """The durable consumers that a worker runs."""
    return [collections_consumer(dependencies), categories_consumer(dependencies)]


def collections_consumer(dependencies: CatalogDependencies) -> Consumer:
    """Events may come twice, late or in any order: the handler uses the current state of the products."""

    async def gather(news: Sequence[_MembershipEvent]) -> None:
        if await _affects_all_products(dependencies, news):
            await gather_all(dependencies)
        ids = dict.fromkeys(one.fact.product_id for one in news if isinstance(one.fact, ProductUpdated))
        if ids:
            await gather_products(dependencies, list(ids))

    return subscribe(
        _EVENTS,
        gather,
        name="catalog.collections",
        batch_max=NEWS_BATCH_MAX,
        handler_timeout_s=WALK_TIMEOUT_S,
    )


def categories_consumer(dependencies: CatalogDependencies) -> Consumer:
    """Removes deleted categories from their products."""

    async def remove(news: Sequence[Heard[CategoryChanged]]) -> None:
        gone = {one.fact.slug for one in news if one.fact.removed}
        gone -= {category.slug for category in await dependencies.taxonomy.categories()}
        if gone:
            await remove_categories(dependencies, frozenset(gone))

    return subscribe(
        CategoryChanged,
        remove,
        name="catalog.categories",
        handler_timeout_s=WALK_TIMEOUT_S,
    )


async def gather_products(dependencies: CatalogDependencies, ids: Sequence[str]) -> None:
    """Update the memberships of these products in rule collections."""
    if rules := await _rules(dependencies):
        products = await dependencies.products.by_id(ids)
        await _gather(dependencies, list(products.values()), rules, await _parents(dependencies))


async def gather_all(dependencies: CatalogDependencies) -> None:
    """The same for every product, in batches."""
    rules, parents = await _rules(dependencies), await _parents(dependencies)
    after = 0
    while rules and (listed := await dependencies.products.scan(after=after, limit=WALK_BATCH_MAX)):
        await _gather(dependencies, [entry.product for entry in listed], rules, parents)
        after = listed[-1].position


async def remove_categories(dependencies: CatalogDependencies, gone: frozenset[str]) -> None:
    """Remove these categories from every product that still has one."""
    after = 0
    while listed := await dependencies.products.scan(after=after, limit=WALK_BATCH_MAX):
        after = listed[-1].position
        for product in [entry.product for entry in listed if not gone.isdisjoint(entry.product.categories)]:
            await _remove_from(dependencies, product, gone)


async def _remove_from(dependencies: CatalogDependencies, product: Product, gone: frozenset[str]) -> None:
    at = dependencies.now()
    kept = tuple(slug for slug in product.categories if slug not in gone)
    draft = msgspec.structs.replace(draft_like(product, at), categories=kept)
    change = decide(product, draft, at=at, new_id=dependencies.new_id)
    if change is None:
        return
    try:
        await dependencies.products.write([change])
    except StaleWrite:
        current = (await dependencies.products.by_id([product.id])).get(product.id)
        # a concurrent write may have removed the category already
        if current is None or gone.isdisjoint(current.categories):
            return
        raise WrittenMeanwhile from None


class WrittenMeanwhile(RengaError):
    """The event is handled once more."""

    code = "written_meanwhile"
    title = "A product was written while it left its category"


async def _affects_all_products(dependencies: CatalogDependencies, news: Sequence[_MembershipEvent]) -> bool:
    """Do the events affect every product: a changed rule, or a changed category tree while rules use categories?"""
    if any(isinstance(one.fact, CollectionChanged) and one.fact.rule for one in news):
        return True
    if not any(isinstance(one.fact, CategoryChanged) for one in news):
        return False
    rules = await _rules(dependencies)
    return any(condition.field == "category" for rule in rules.values() for condition in rule.conditions)


async def _gather(
    dependencies: CatalogDependencies,
    products: Sequence[Product],
    rules: dict[str, Rule],
    parents: dict[str, str | None],
) -> None:
    await dependencies.taxonomy.set_members(
        {
            product.id: (product.version, [slug for slug, rule in rules.items() if meets(product, rule, parents)])
            for product in products
        }
    )


async def _rules(dependencies: CatalogDependencies) -> dict[str, Rule]:
    return {one.slug: one.rule for one in await dependencies.taxonomy.collections() if one.rule is not None}


async def _parents(dependencies: CatalogDependencies) -> dict[str, str | None]:
    return parents_of(await dependencies.taxonomy.categories())
