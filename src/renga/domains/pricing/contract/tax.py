"""The question to a tax provider and its answer; both are recorded with the quote. Amounts are minor units of one currency."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from renga.domains.pricing.contract.policy import ShippingTaxRule
from renga.kernel.destination import Destination

#: What a taxable amount is.
TaxableKind = Literal["line", "shipping", "surcharge"]
#: Why no tax is due: a certificate, or a company of another EU country that owes the tax itself.
TaxRelief = Literal["exempt", "reverse_charge"]
#: Parts per million: 190000 is 19 %, 88750 is 8.875 %.
RatePpm = Annotated[int, Meta(ge=0, le=1_000_000)]


class Taxable(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An amount after all discounts. ``category`` and ``code`` are None for shipping and surcharges."""

    id: str
    kind: TaxableKind
    amount: int
    sku: str | None = None
    quantity_milli: int = 1000
    merchant: str | None = None
    category: str | None = None
    code: str | None = None
    weight_g: int | None = None


class TaxRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is taxed, where and for whom. ``date`` is that of the supply (ISO 8601, in the shop's time zone)."""

    currency: str
    taxables: tuple[Taxable, ...]
    destination: Destination | None
    seller_country: str
    date: str
    prices_include_tax: bool
    rounding: Literal["order", "line"]
    shipping_tax: ShippingTaxRule
    company: bool = False
    tax_id: str | None = None
    exemption: str | None = None


class TaxPart(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One tax on one taxable: ``net`` is its base without tax. ``rate_ppm`` None: the provider gives no rate."""

    name: str
    jurisdiction: str
    net: int
    tax: int
    rate_ppm: int | None = None


class TaxedAmount(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The taxes on one taxable. ``net`` + the taxes of ``parts`` = ``gross``.

    Without relief, ``net`` (tax excluded) or ``gross`` (tax included) is the amount of the request. With relief and included
    tax, both are the amount without the ``relieved`` tax.
    """

    id: str
    net: int
    gross: int
    parts: tuple[TaxPart, ...] = ()
    relieved: int = 0


class TaxAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The taxes of every taxable of the request. ``fallback``: the provider did not answer in time; the tables were used.

    ``reference`` is the provider's own id of the calculation; ``notes`` are texts that the law wants on the invoice.
    """

    provider: str
    amounts: tuple[TaxedAmount, ...]
    relief: TaxRelief | None = None
    fallback: bool = False
    reference: str | None = None
    notes: tuple[str, ...] = ()


class TaxZone(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Places with the same rates. ``regions`` and ``postal_prefixes`` narrow it down; the most narrow zone counts."""

    id: str
    countries: Annotated[tuple[str, ...], Meta(min_length=1)]
    regions: tuple[str, ...] = ()
    postal_prefixes: tuple[str, ...] = ()


class TaxRate(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One tax of a category in a zone; several of one category and zone are added up (GST + PST).

    ``starts_on`` (inclusive), ``ends_on`` (exclusive): ISO 8601 dates of the supply.
    """

    zone: str
    category: str
    name: str
    rate_ppm: RatePpm
    starts_on: str | None = None
    ends_on: str | None = None


class TaxTables(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Rates by tax category and zone. A category without a rate in the zone has the rates of ``standard``; no zone: no tax."""

    zones: Annotated[tuple[TaxZone, ...], Meta(max_length=1000)] = ()
    rates: Annotated[tuple[TaxRate, ...], Meta(max_length=10_000)] = ()
    version: int = 0


#: No tax anywhere.
NO_TAXES = TaxTables()
