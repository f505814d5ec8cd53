"""Conditions of promotions; all of them must be met. In JSON the member ``type`` says which one it is.

Conditions on a line select the lines that the actions touch; without any, every line is selected (a merchant's promotion:
every line of the merchant). Conditions on the order are met or not.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from renga.kernel.identifiers import Identifier

Codes = Annotated[tuple[str, ...], Meta(min_length=1, max_length=500)]
SkuCodes = Annotated[tuple[Identifier, ...], Meta(min_length=1, max_length=500)]
#: Minor units by currency (ISO 4217). A currency that is not named does not meet the condition, or gets no discount.
Amounts = Annotated[dict[str, Annotated[int, Meta(ge=0)]], Meta(min_length=1, max_length=50)]
Units = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
TimeOfDay = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["18:00"])]
Moment = Annotated[str, Meta(description="RFC 3339", examples=["2026-11-27T00:00:00-03:00"])]


class Typed(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="type"):
    """A part of a promotion whose member ``type`` says which it is."""


class OnProducts(Typed, frozen=True, tag="products"):
    """Lines of these products (ids); ``exclude``: all other lines."""

    products: Codes
    exclude: bool = False


class OnVariants(Typed, frozen=True, tag="variants"):
    """Lines of these skus."""

    skus: SkuCodes
    exclude: bool = False


class OnCollections(Typed, frozen=True, tag="collections"):
    """Lines whose product is in one of these collections (slugs)."""

    collections: Codes
    exclude: bool = False


class OnCategories(Typed, frozen=True, tag="categories"):
    """Lines whose product is in one of these categories (slugs) or below."""

    categories: Codes
    exclude: bool = False


class OnBrands(Typed, frozen=True, tag="brands"):
    """Lines of these brands."""

    brands: Codes
    exclude: bool = False


class OnAttribute(Typed, frozen=True, tag="attributes"):
    """Lines whose product has one of ``values`` in the attribute ``code``; numbers and booleans as in JSON."""

    code: str
    values: Annotated[tuple[str | int | float | bool, ...], Meta(min_length=1, max_length=500)]
    exclude: bool = False


class QuantityCondition(Typed, frozen=True, tag="quantity"):
    """Whole units on the selected lines."""

    at_least: Units = 1
    at_most: Units | None = None


class SubtotalCondition(Typed, frozen=True, tag="subtotal"):
    """The sum of lines, by currency. ``when``: before any discount, or after those that were applied earlier.

    ``of``: of the whole order (a merchant's promotion: of the merchant's lines), or of the selected lines.
    """

    at_least: Amounts
    at_most: Amounts | None = None
    when: Literal["before_discounts", "after_discounts"] = "before_discounts"
    of: Literal["order", "selected"] = "order"


class CustomerGroupsCondition(Typed, frozen=True, tag="customer_groups"):
    """The buyer is in one of these verified groups."""

    groups: Codes


class FirstOrderCondition(Typed, frozen=True, tag="first_order"):
    """It is known that the buyer has ordered nothing yet."""


class ChannelsCondition(Typed, frozen=True, tag="channels"):
    """It is sold in one of these channels."""

    channels: Codes


class CountriesCondition(Typed, frozen=True, tag="countries"):
    """It goes to one of these countries."""

    countries: Codes


class CurrenciesCondition(Typed, frozen=True, tag="currencies"):
    """It is paid in one of these currencies."""

    currencies: Codes


class PaymentMethodsCondition(Typed, frozen=True, tag="payment_methods"):
    """It is paid by one of these methods; not met while none is chosen."""

    methods: Codes


class DatesCondition(Typed, frozen=True, tag="dates"):
    """From ``starts_at`` until before ``ends_at``."""

    starts_at: Moment | None = None
    ends_at: Moment | None = None


class WeekdaysCondition(Typed, frozen=True, tag="weekdays"):
    """Days of the week in the shop's time zone."""

    days: Annotated[tuple[Weekday, ...], Meta(min_length=1, max_length=7)]


class HoursCondition(Typed, frozen=True, tag="hours"):
    """From ``starts`` until before ``ends`` in the shop's time zone; an end before the start is on the next day.

    Beside ``weekdays``, these are the days on which the hours begin.
    """

    starts: TimeOfDay
    ends: TimeOfDay


LineCondition = OnProducts | OnVariants | OnCollections | OnCategories | OnBrands | OnAttribute
OrderCondition = (
    QuantityCondition
    | SubtotalCondition
    | CustomerGroupsCondition
    | FirstOrderCondition
    | ChannelsCondition
    | CountriesCondition
    | CurrenciesCondition
    | PaymentMethodsCondition
    | DatesCondition
    | WeekdaysCondition
    | HoursCondition
)
PromotionCondition = LineCondition | OrderCondition
