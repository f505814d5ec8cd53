"""Pure: where a product is sold at a given time, its dates, and which of its price changes are due."""

from collections.abc import Iterator, Sequence

import msgspec

from renga.domains.catalog.contract import (
    DEFAULT_CHANNEL,
    EVERYWHERE,
    IN_ALL_CHANNELS,
    ListPrice,
    Product,
    Publication,
    ScheduledPrice,
    Status,
    Variant,
)


def channels_at(status: Status, publications: Sequence[Publication], at: str) -> tuple[str, ...]:
    """The channels in which a product is sold at ``at``: ``*`` for all, empty for none."""
    if status != "active":
        return ()
    if not publications:
        return IN_ALL_CHANNELS
    names = {p.channel for p in publications if _runs(p, at)}
    return IN_ALL_CHANNELS if EVERYWHERE in names else tuple(sorted(names))


def dates_of(product: Product) -> Iterator[str]:
    """Every time, past or future, at which a publication or price of the product starts or ends."""
    yield from (change.at for change in product.scheduled)
    if product.status != "active":
        return
    for publication in product.publications:
        yield from filter(None, (publication.from_at, publication.until_at))
    for variant in product.variants:
        for entry in variant.price_list:
            if is_offered(entry):
                yield from filter(None, (entry.from_at, entry.until_at))


def next_date(product: Product, after: str) -> str | None:
    """The earliest of its dates that is later than ``after``."""
    return min((date for date in dates_of(product) if date > after), default=None)


def is_offered(entry: ListPrice) -> bool:
    """Can this price apply to a guest who buys one piece in the default channel?"""
    return entry.group is None and entry.channel in (None, DEFAULT_CHANNEL) and entry.min_quantity <= 1


def due_and_waiting(
    scheduled: Sequence[ScheduledPrice], at: str
) -> tuple[tuple[ScheduledPrice, ...], tuple[ScheduledPrice, ...]]:
    """The due and the future changes, both earliest first."""
    ordered = sorted(scheduled, key=lambda change: (change.at, change.sku, change.currency))
    return tuple(c for c in ordered if c.at <= at), tuple(c for c in ordered if c.at > at)


def repriced(variants: Sequence[Variant], due: Sequence[ScheduledPrice]) -> tuple[Variant, ...]:
    """The variants after these price changes, in their order; changes of removed skus are ignored."""
    prices = {variant.sku: dict(variant.prices) for variant in variants}
    for change in due:
        if change.sku not in prices:
            continue
        prices[change.sku].pop(change.currency, None)
        if change.amount is not None:
            prices[change.sku][change.currency] = change.amount
    return tuple(v if prices[v.sku] == v.prices else msgspec.structs.replace(v, prices=prices[v.sku]) for v in variants)


def _runs(publication: Publication, at: str) -> bool:
    began = publication.from_at is None or publication.from_at <= at
    return began and (publication.until_at is None or at < publication.until_at)
