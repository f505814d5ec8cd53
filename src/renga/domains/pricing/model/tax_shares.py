"""Which rates apply to which part of a taxable: a line has one share, shipping one or several."""

from collections.abc import Sequence

import msgspec

from renga.domains.pricing.contract import SHIPPING_CATEGORY, Taxable, TaxRequest
from renga.domains.pricing.model.amounts import allocate
from renga.domains.pricing.model.tax_zones import Rates, ZoneRates


class TaxShare(msgspec.Struct, frozen=True, gc=False):
    """A part of a taxable's amount with its rates."""

    taxable: str
    amount: int
    rates: Rates


def tax_shares(request: TaxRequest, zone: ZoneRates) -> list[TaxShare]:
    """Shares of all taxables; those of one taxable add up to it."""
    lines = [one for one in request.taxables if one.kind == "line"]
    shares = [TaxShare(one.id, one.amount, zone.of(one.category)) for one in lines]
    for one in request.taxables:
        if one.kind != "line":
            shares += _ancillary(one, _goods(one, lines), request, zone)
    return shares


def _goods(charge: Taxable, lines: Sequence[Taxable]) -> list[Taxable]:
    """The lines that a charge belongs to: the merchant's, or all."""
    own = [line for line in lines if charge.merchant is None or line.merchant == charge.merchant]
    return own or list(lines)


def _ancillary(charge: Taxable, goods: Sequence[Taxable], request: TaxRequest, zone: ZoneRates) -> list[TaxShare]:
    fixed = zone.of(SHIPPING_CATEGORY)
    by_sku: dict[tuple[str, str | None], int] = {}
    for line in goods:
        key = (line.sku or line.id, line.category)
        by_sku[key] = by_sku.get(key, 0) + line.amount
    if request.shipping_tax == "fixed" or not any(by_sku.values()):
        return [TaxShare(charge.id, charge.amount, fixed)]
    if request.shipping_tax == "dearest_line":
        # lines of one sku count together, so that splitting a line changes nothing
        (_, category), _ = min(by_sku.items(), key=lambda each: (-each[1], each[0][0]))
        return [TaxShare(charge.id, charge.amount, zone.of(category))]
    by_rates: dict[Rates, int] = {}
    for (_, category), amount in sorted(by_sku.items(), key=lambda each: (each[0][0], each[0][1] or "")):
        rates = zone.of(category)
        by_rates[rates] = by_rates.get(rates, 0) + amount
    parts = allocate(charge.amount, list(by_rates.values()))
    return [TaxShare(charge.id, part, rates) for rates, part in zip(by_rates, parts, strict=True)]
