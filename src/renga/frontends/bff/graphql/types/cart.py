"""A cart, to be read."""

from typing import Any

import msgspec
import strawberry

from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.fields import of_cart, own
from renga.frontends.bff.graphql.sources import OfCart, OfLine
from renga.frontends.bff.graphql.types.money import GraphMoney
from renga.frontends.bff.graphql.types.scalars import Moment
from renga.frontends.bff.graphql.types.variant import GraphVariant, sold_variant

Info = strawberry.Info[Context, None]


class OfChoice(msgspec.Struct, frozen=True):
    code: str
    value: str


def _lines(root: strawberry.Parent[OfCart]) -> Any:
    return [OfLine(line, root.asked) for line in root.cart.lines]


def _saved(root: strawberry.Parent[OfCart]) -> Any:
    return [OfLine(line, root.asked) for line in root.cart.saved]


def _choices(root: strawberry.Parent[OfLine]) -> Any:
    return [OfChoice(code, value) for code, value in root.line.options.items()]


async def _variant(root: strawberry.Parent[OfLine], info: Info) -> Any:
    return await sold_variant(info.context, root.line.sku, root.asked)


@strawberry.type(description="What the buyer chose for a line: an engraving.")
class LineOption:
    code: str = of_cart(own("code"), "Name of the choice.")
    value: str = of_cart(own("value"), "What was chosen.")


@strawberry.type(description="One line of a cart.")
class CartLine:
    id: strawberry.ID = of_cart(own("line.line"), "Of the line, within its cart.")
    sku: strawberry.ID = of_cart(own("line.sku"), "What is bought.")
    title: str = of_cart(own("line.title"), "As it was called when it was added.")
    quantity: int = of_cart(own("line.quantity"), "How many.")
    unit_price: GraphMoney = of_cart(own("line.unit_price"), "The price at which it was added.")
    line_total: GraphMoney = of_cart(own("line.line_total"), "Price times quantity.")
    price_moved: bool = of_cart(own("line.price_moved"), "Does it cost something else today?")
    current_price: GraphMoney | None = of_cart(own("line.current_price"), "What it costs today; null: unknown.")
    options: list[LineOption] = of_cart(_choices, "The buyer's own choices.", size=3)
    variant: GraphVariant | None = of_cart(
        _variant, "What is bought, as the catalogue shows it today; null if it is not sold."
    )


@strawberry.type(
    name="Cart", description="A cart. Prices are those at which lines were added; the checkout quotes again."
)
class GraphCart:
    id: strawberry.ID = of_cart(own("cart.id"), "Its id; of a guest's cart, also the key to it.")
    version: int = of_cart(own("cart.version"), "Grows by one with each change.")
    currency: str = of_cart(own("cart.currency"), "ISO 4217.")
    state: str = of_cart(own("cart.state"), "open, checkout or completed.")
    note: str = of_cart(own("cart.note"), "The buyer's note.")
    coupons: list[str] = of_cart(own("cart.coupons"), "Coupon codes kept for the checkout.", size=3)
    lines: list[CartLine] = of_cart(_lines, "What is to be bought.", size=20)
    saved: list[CartLine] = of_cart(_saved, "What is kept for later.", size=20)
    subtotal: GraphMoney = of_cart(own("cart.totals.subtotal"), "Sum of the lines.")
    total: GraphMoney = of_cart(own("cart.totals.total"), "Before shipping, taxes and promotions.")
    line_count: int = of_cart(own("cart.counts.lines"), "How many lines there are.")
    item_count: int = of_cart(own("cart.counts.items"), "Sum of their quantities.")
    created_at: Moment = of_cart(own("cart.created_at"), "When it was made.")
    updated_at: Moment = of_cart(own("cart.updated_at"), "When it was last changed.")
    expires_at: Moment = of_cart(own("cart.expires_at"), "When it ends if nobody touches it.")
