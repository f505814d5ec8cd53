"""Money, and prices under the requested terms."""

from datetime import datetime, timedelta

import msgspec
import strawberry

from renga.domains.catalog.contract import LOWEST_DAYS, PriceTerms, Product, Variant, last_point, lowest_price, price_of
from renga.domains.catalog.contract import Price as Quoted
from renga.frontends.bff.graphql.fields import own, public
from renga.frontends.bff.graphql.types.scalars import MinorUnits, Moment
from renga.kernel.clock import rfc3339
from renga.kernel.money import Money as Amount


class OfPrice(msgspec.Struct, frozen=True):
    product: Product
    variant: Variant
    price: Quoted
    terms: PriceTerms


def price_in(product: Product, variant: Variant, terms: PriceTerms) -> OfPrice | None:
    """The unit price under these terms; None if there is no price in the currency."""
    price = price_of(variant, terms)
    return None if price is None else OfPrice(product, variant, price, terms)


def _decimal(root: strawberry.Parent[Amount]) -> str:
    return root.decimal()


def _price_decimal(root: strawberry.Parent[OfPrice]) -> str:
    return Amount(root.price.amount, root.price.currency).decimal()


def _compare_at(root: strawberry.Parent[OfPrice]) -> Amount | None:
    amount = root.price.compare_at
    return None if amount is None else Amount(amount, root.price.currency)


def _lowest(root: strawberry.Parent[OfPrice]) -> Amount | None:
    """For a reduced price: the lowest price of the 30 days before the reduction (Directive 98/6/EC, article 6a)."""
    price = root.price
    if price.compare_at is None:
        return None
    point = last_point(root.product, root.variant.sku, price.currency)
    if point is None:
        return None
    since = datetime.fromisoformat(point.at) - timedelta(days=LOWEST_DAYS)
    lowest = lowest_price(
        root.product,
        root.variant.sku,
        price.currency,
        since=rfc3339(round(since.timestamp() * 1000)),
        until=point.at,
    )
    return None if lowest is None else Amount(lowest, price.currency)


@strawberry.type(name="Money", description="An amount in a currency.")
class GraphMoney:
    amount: MinorUnits = public(own("amount"), "The amount in minor units.")
    currency: str = public(own("currency"), "The currency (ISO 4217).")
    decimal: str = public(_decimal, "The amount in major units: 19.99, or 500 for JPY.")


@strawberry.type(name="Price", description="The unit price under the requested terms.")
class GraphPrice:
    amount: MinorUnits = public(own("price.amount"), "The amount in minor units.")
    currency: str = public(own("price.currency"), "The currency (ISO 4217).")
    decimal: str = public(_price_decimal, "The amount in major units: 19.99, or 500 for JPY.")
    compare_at: GraphMoney | None = public(_compare_at, "The reference price to strike through.")
    lowest_in_30_days: GraphMoney | None = public(
        _lowest,
        "For a reduced price: the lowest price of the 30 days before the reduction (Directive 98/6/EC); null if unknown.",
    )
    until: Moment | None = public(own("price.until_at"), "When this price ends.")
