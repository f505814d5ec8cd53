"""Pure rules of the catalogue: the change of a product for a wanted state, or when one of its dates has come."""

from collections.abc import Callable, Iterator

import msgspec

from renga.domains.catalog.contract import (
    NO_SEO,
    SHOP_MERCHANT,
    AttributeValue,
    Media,
    Offer,
    PricePoint,
    Product,
    Publication,
    ScheduledPrice,
    Seo,
    Status,
    Texts,
    Variant,
)
from renga.domains.catalog.model.facts import facts_of, price_changes, updated
from renga.domains.catalog.model.naming import gtin_problem, is_slug, slugify
from renga.domains.catalog.model.price_history import effective_prices, extended, offer_prices
from renga.domains.catalog.model.publishing import channels_at, due_and_waiting, next_date, repriced
from renga.kernel.events import Event

__all__ = [
    "SOURCE",
    "Draft",
    "ProductWrite",
    "advance",
    "decide",
    "draft_like",
    "gtin_problem",
    "is_slug",
    "offers_of",
    "price_changes",
    "same",
    "slugify",
    "updated",
]

SOURCE = "renga/catalog"

#: Fields that a draft and a product have in common.
_PLAIN_FIELDS = (
    "title",
    "description",
    "brand",
    "categories",
    "image",
    "variants",
    "attributes",
    "type",
    "media",
    "seo",
    "tax_category",
    "shipping_class",
    "publications",
    "tax_code",
)


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wanted state of a product: valid and normalised, not yet compared with the current product.

    ``taxonomy``    titles of the categories by slug, to create those that do not exist yet
    ``merchant``, ``status``, ``scheduled``  None: unchanged (of a new product: the shop's own, active, nothing scheduled)
    """

    slug: str
    title: Texts
    description: Texts = {}
    brand: str | None = None
    categories: tuple[str, ...] = ()
    image: str | None = None
    variants: tuple[Variant, ...] = ()
    attributes: dict[str, AttributeValue] = {}
    taxonomy: dict[str, Texts] = {}
    merchant: str | None = None
    type: str | None = None
    status: Status | None = None
    media: tuple[Media, ...] = ()
    seo: Seo = NO_SEO
    tax_category: str | None = None
    shipping_class: str | None = None
    publications: tuple[Publication, ...] = ()
    scheduled: tuple[ScheduledPrice, ...] | None = None
    tax_code: str | None = None


class ProductWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A product to write: its new state, its events, and the categories to create if they are missing."""

    product: Product
    events: tuple[Event, ...]
    taxonomy: dict[str, Texts] = {}

    @property
    def is_new(self) -> bool:
        return self.product.version == 1


def decide(current: Product | None, draft: Draft, *, at: str, new_id: Callable[[], str]) -> ProductWrite | None:
    """The write that brings the product to the draft's state; None if nothing changes. ``at`` is RFC 3339, UTC, milliseconds.

    Price changes of the draft that are due are applied at once. The draft's prices replace those of price changes that were
    scheduled earlier and are due, but not yet applied.
    """
    draft = _apply_due_prices(draft, at)
    if current is None:
        return _created(draft, at, new_id)
    if same(current, draft):
        return None
    scheduled = draft.scheduled if draft.scheduled is not None else due_and_waiting(current.scheduled, at)[1]
    wanted = msgspec.structs.replace(
        current,
        **{name: getattr(draft, name) for name in _PLAIN_FIELDS},
        merchant=draft.merchant or current.merchant,
        status=draft.status or current.status,
        scheduled=scheduled,
    )
    return _changed(current, wanted, at, new_id, draft.taxonomy)


def same(current: Product, draft: Draft) -> bool:
    """Is there nothing to change? (In Python ``1 == True``; here a change from one to the other is a change.)"""
    return (
        all(getattr(current, name) == getattr(draft, name) for name in _PLAIN_FIELDS)
        and draft.merchant in (None, current.merchant)
        and draft.status in (None, current.status)
        and draft.scheduled in (None, current.scheduled)
        and all(isinstance(v, bool) == isinstance(current.attributes[k], bool) for k, v in draft.attributes.items())
    )


def draft_like(product: Product, at: str) -> Draft:
    """The draft of the product's current state; price changes due by ``at`` are applied, later ones stay scheduled."""
    product = _with_due_prices(product, at)
    return Draft(slug=product.slug, **{name: getattr(product, name) for name in _PLAIN_FIELDS})


def advance(product: Product, *, now: str, new_id: Callable[[], str]) -> ProductWrite | None:
    """The change of a product if one of its dates has come by ``now``; else None."""
    if product.due_at is None or product.due_at > now:
        return None
    return _changed(product, _with_due_prices(product, now), now, new_id, {})


def offers_of(product: Product) -> Iterator[Offer]:
    """The offers of the variants, as of ``updated_at``; none for a product that is sold nowhere.

    A variant without a picture has its product's.
    """
    if not product.channels:
        return
    for variant in product.variants:
        yield Offer(
            sku=variant.sku,
            slug=product.slug,
            title=product.title,
            options=variant.options,
            prices=offer_prices(variant, product.updated_at),
            image=variant.image or product.image,
            product_version=product.version,
            product_id=product.id,
            brand=product.brand,
            categories=product.categories,
            merchant=product.merchant,
            tax_category=product.tax_category,
            shipping_class=product.shipping_class,
            weight_g=variant.weight_g,
            digital=variant.digital,
            plain_prices=variant.prices if variant.price_list else {},
            price_list=variant.price_list,
            compare_at=variant.compare_at,
            publications=product.publications,
            channels=product.channels,
            availability=variant.availability,
            bundle=variant.bundle,
            tax_code=product.tax_code,
            measure=variant.measure,
            cost=variant.cost,
        )


def _apply_due_prices(draft: Draft, at: str) -> Draft:
    """The draft with its due price changes applied."""
    if not draft.scheduled:
        return draft
    due, waiting = due_and_waiting(draft.scheduled, at)
    return msgspec.structs.replace(draft, variants=repriced(draft.variants, due), scheduled=waiting)


def _created(draft: Draft, at: str, new_id: Callable[[], str]) -> ProductWrite:
    status = draft.status or "active"
    product = Product(
        id=new_id(),
        slug=draft.slug,
        version=1,
        **{name: getattr(draft, name) for name in _PLAIN_FIELDS},
        created_at=at,
        updated_at=at,
        merchant=draft.merchant or SHOP_MERCHANT,
        status=status,
        channels=channels_at(status, draft.publications, at),
        scheduled=draft.scheduled or (),
    )
    if (due_at := next_date(product, at)) is not None:
        product = msgspec.structs.replace(product, due_at=due_at)
    return ProductWrite(product=product, events=_events(None, product, new_id), taxonomy=draft.taxonomy)


def _changed(
    current: Product, wanted: Product, at: str, new_id: Callable[[], str], taxonomy: dict[str, Texts]
) -> ProductWrite:
    product = msgspec.structs.replace(
        wanted,
        version=current.version + 1,
        updated_at=at,
        channels=channels_at(wanted.status, wanted.publications, at),
    )
    product = msgspec.structs.replace(product, history=_history(current, product, at), due_at=next_date(product, at))
    return ProductWrite(product=product, events=_events(current, product, new_id), taxonomy=taxonomy)


def _history(current: Product, product: Product, at: str) -> tuple[PricePoint, ...]:
    """The history extended by the prices at each date since the last write, then by the current change."""
    history, past = current.history, current
    while (date := next_date(past, past.updated_at)) is not None and date <= at:
        following = _as_of(past, date)
        history = _following(history, past, following)
        past = following
    return _following(history, past, product)


def _as_of(product: Product, at: str) -> Product:
    return msgspec.structs.replace(
        _with_due_prices(product, at),
        updated_at=at,
        channels=channels_at(product.status, product.publications, at),
    )


def _following(history: tuple[PricePoint, ...], old: Product, new: Product) -> tuple[PricePoint, ...]:
    was, now = effective_prices(old, old.updated_at), effective_prices(new, new.updated_at)
    return history if was == now else extended(history, was, now, new.updated_at, new.created_at)


def _with_due_prices(product: Product, at: str) -> Product:
    due, waiting = due_and_waiting(product.scheduled, at)
    return msgspec.structs.replace(product, variants=repriced(product.variants, due), scheduled=waiting)


def _events(old: Product | None, new: Product, new_id: Callable[[], str]) -> tuple[Event, ...]:
    return tuple(
        Event(
            id=new_id(),
            source=SOURCE,
            type=fact.TYPE,
            subject=new.id,
            time=new.updated_at,
            data=msgspec.to_builtins(fact),
            sequence=new.version,
        )
        for fact in facts_of(old, new)
    )
