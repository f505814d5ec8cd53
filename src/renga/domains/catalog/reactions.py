"""What the catalogue does when it hears news of itself: rule collections gather, removed categories leave their products."""

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
from renga.domains.catalog.dependencies import CatalogDependencies
from renga.domains.catalog.model import decide, draft_like
from renga.domains.catalog.model.rules import meets, parents_of
from renga.domains.catalog.ports import StaleWrite
from renga.kernel.errors import RengaError
from renga.platform.bus.port import Consumer
from renga.platform.bus.subscribing import Heard, subscribe

#: News taken together, and products looked at in one step of a walk through all.
NEWS_BATCH_MAX, WALK_BATCH_MAX = 500, 500
#: A walk through all products has this long: some millions.
WALK_TIMEOUT_S = 3_600.0

_HEARD = (ProductUpdated, ProductPublished, ProductArchived, CollectionChanged, CategoryChanged)
_Gathering = Heard[ProductUpdated | CollectionChanged | CategoryChanged]


def consumers(dependencies: CatalogDependencies) -> list[Consumer]:
    """The durable readers that a worker runs."""
    return [collections_consumer(dependencies), categories_consumer(dependencies)]


def collections_consumer(dependencies: CatalogDependencies) -> Consumer:
    """News may come twice, late or in any order: what counts is how things are when it is heard."""

    async def gather(news: Sequence[_Gathering]) -> None:
        if await _asks_for_all(dependencies, news):
            await gather_all(dependencies)
        ids = dict.fromkeys(one.fact.product_id for one in news if isinstance(one.fact, ProductUpdated))
        if ids:
            await gather_products(dependencies, list(ids))

    return subscribe(
        _HEARD,
        gather,
        name="catalog.collections",
        batch_max=NEWS_BATCH_MAX,
        handler_timeout_s=WALK_TIMEOUT_S,
    )


def categories_consumer(dependencies: CatalogDependencies) -> Consumer:
    """Products leave a category that was taken away."""

    async def leave(news: Sequence[Heard[CategoryChanged]]) -> None:
        gone = {one.fact.slug for one in news if one.fact.removed}
        gone -= {category.slug for category in await dependencies.taxonomy.categories()}
        if gone:
            await leave_categories(dependencies, frozenset(gone))

    return subscribe(
        CategoryChanged,
        leave,
        name="catalog.categories",
        handler_timeout_s=WALK_TIMEOUT_S,
    )


async def gather_products(dependencies: CatalogDependencies, ids: Sequence[str]) -> None:
    """Let the rule collections take in, or let go of, these products."""
    if rules := await _rules(dependencies):
        products = await dependencies.products.by_id(ids)
        await _gather(dependencies, list(products.values()), rules, await _parents(dependencies))


async def gather_all(dependencies: CatalogDependencies) -> None:
    """The same for every product, in bounded steps."""
    rules, parents = await _rules(dependencies), await _parents(dependencies)
    after = 0
    while rules and (listed := await dependencies.products.scan(after=after, limit=WALK_BATCH_MAX)):
        await _gather(dependencies, [entry.product for entry in listed], rules, parents)
        after = listed[-1].position


async def leave_categories(dependencies: CatalogDependencies, gone: frozenset[str]) -> None:
    """Write every product anew that still names one of these categories, without them."""
    after = 0
    while listed := await dependencies.products.scan(after=after, limit=WALK_BATCH_MAX):
        after = listed[-1].position
        for product in [entry.product for entry in listed if not gone.isdisjoint(entry.product.categories)]:
            await _leave(dependencies, product, gone)


async def _leave(dependencies: CatalogDependencies, product: Product, gone: frozenset[str]) -> None:
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
        # whoever wrote it meanwhile may have left the category already, or put it in again on purpose with a new one
        if current is None or gone.isdisjoint(current.categories):
            return
        raise WrittenMeanwhile from None


class WrittenMeanwhile(RengaError):
    """The event is handled once more."""

    code = "written_meanwhile"
    title = "A product was written while it left its category"


async def _asks_for_all(dependencies: CatalogDependencies, news: Sequence[_Gathering]) -> bool:
    """A new rule, or another tree under the rules that name categories."""
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
