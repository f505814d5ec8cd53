"""Exact taxes of shares: rounded once per set of rates and order, or per share.

For every rate, the sum of the nets and the sum of the taxes is the sum of the gross amounts, whichever way it is rounded.
"""

from collections.abc import Sequence

from renga.domains.pricing.model.amounts import WHOLE_PPM, allocate, half_up
from renga.domains.pricing.model.tax_shares import TaxShare
from renga.domains.pricing.model.tax_zones import Rates

#: The taxes of one share, one for each of its rates.
ShareTaxes = list[int]


def rounded_taxes(shares: Sequence[TaxShare], *, included: bool, per_line: bool) -> list[ShareTaxes]:
    """Taxes of each share, in the order of the shares."""
    if per_line:
        return [_one(share.amount, share.rates, included) for share in shares]
    groups: dict[int, list[int]] = {}
    for position, share in enumerate(shares):
        # equal rates are one object: see ``ZoneRates.of``
        groups.setdefault(id(share.rates), []).append(position)
    taxes: list[ShareTaxes] = [[] for _ in shares]
    for positions in groups.values():
        rates = shares[positions[0]].rates
        amounts = [shares[position].amount for position in positions]
        for position, own in zip(positions, _group(amounts, rates, included), strict=True):
            taxes[position] = own
    return taxes


def _one(amount: int, rates: Rates, included: bool) -> ShareTaxes:
    """The taxes of an amount, which includes them or not."""
    if not included:
        return [half_up(amount * rate.rate_ppm, WHOLE_PPM) for rate in rates]
    ppm = sum(rate.rate_ppm for rate in rates)
    tax = amount - half_up(amount * WHOLE_PPM, WHOLE_PPM + ppm)
    return allocate(tax, [rate.rate_ppm for rate in rates]) if rates else []


def _group(amounts: list[int], rates: Rates, included: bool) -> list[ShareTaxes]:
    """The taxes of the sum, allocated: with included taxes no share gets more tax than it costs."""
    totals = _one(sum(amounts), rates, included)
    if not included:
        columns = [allocate(total, amounts) for total in totals]
        return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in amounts]
    left = allocate(sum(totals), amounts)
    columns = []
    for total in totals:
        column = allocate(total, left)
        left = [before - part for before, part in zip(left, column, strict=True)]
        columns.append(column)
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in amounts]
