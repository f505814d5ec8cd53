"""The shop's own tax calculator: a pure function from tables and a request to an answer."""

from collections.abc import Sequence

from renga.domains.pricing.contract import (
    TaxAnswer,
    TaxedAmount,
    TaxPart,
    TaxRelief,
    TaxRequest,
    TaxTables,
)
from renga.domains.pricing.model.tax_relief import relief_notes, relief_of
from renga.domains.pricing.model.tax_rounding import ShareTaxes, rounded_taxes
from renga.domains.pricing.model.tax_shares import TaxShare, tax_shares
from renga.domains.pricing.model.tax_zones import ZoneRates

#: The provider's name in answers.
TABLES = "tables"


def table_taxes(request: TaxRequest, tables: TaxTables, *, fallback: bool = False) -> TaxAnswer:
    """The taxes by the tables. A destination without a zone, or none at all, has no taxes."""
    zone = ZoneRates(tables, request.destination, request.date)
    shares = tax_shares(request, zone)
    taxes = rounded_taxes(shares, included=request.prices_include_tax, per_line=request.rounding == "line")
    by_id: dict[str, list[tuple[TaxShare, ShareTaxes]]] = {}
    for share, own in zip(shares, taxes, strict=True):
        by_id.setdefault(share.taxable, []).append((share, own))
    relief = relief_of(request)
    return TaxAnswer(
        provider=TABLES,
        amounts=tuple(
            _taxed(one.id, one.amount, by_id[one.id], request.prices_include_tax, relief) for one in request.taxables
        ),
        relief=relief,
        fallback=fallback,
        notes=relief_notes(request, relief),
    )


def _taxed(
    name: str, amount: int, shares: Sequence[tuple[TaxShare, ShareTaxes]], included: bool, relief: TaxRelief | None
) -> TaxedAmount:
    tax = sum(shares[0][1]) if len(shares) == 1 else sum(sum(own) for _, own in shares)
    if relief is not None:
        relieved = tax if included else 0
        return TaxedAmount(id=name, net=amount - relieved, gross=amount - relieved, relieved=relieved)
    parts = tuple(
        TaxPart(
            name=rate.name,
            jurisdiction=rate.zone,
            rate_ppm=rate.rate_ppm,
            net=share.amount - (sum(own) if included else 0),
            tax=each,
        )
        for share, own in shares
        for rate, each in zip(share.rates, own, strict=True)
    )
    return TaxedAmount(
        id=name, net=amount - tax if included else amount, gross=amount if included else amount + tax, parts=parts
    )
