"""A cart (read-only)."""

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


@strawberry.type(description="A custom choice of the buyer for a line, such as an engraving.")
class LineOption:
    code: str = of_cart(own("code"), "The name of the choice.")
    value: str = of_cart(own("value"), "The chosen value.")


@strawberry.type(description="One line of a cart.")
class CartLine:
    id: strawberry.ID = of_cart(own("line.line"), "The line's id within its cart.")
    sku: strawberry.ID = of_cart(own("line.sku"), "The SKU that is bought.")
    title: str = of_cart(own("line.title"), "The title when it was added.")
    quantity: int = of_cart(own("line.quantity"), "The quantity.")
    unit_price: GraphMoney = of_cart(own("line.unit_price"), "The price at which it was added.")
    line_total: GraphMoney = of_cart(own("line.line_total"), "Unit price times quantity.")
    price_moved: bool = of_cart(own("line.price_moved"), "Has the price changed since it was added?")
    current_price: GraphMoney | None = of_cart(own("line.current_price"), "The unit price now; null if unknown.")
    options: list[LineOption] = of_cart(_choices, "The buyer's custom choices.", size=3)
    variant: GraphVariant | None = of_cart(_variant, "The catalogue's present variant; null if it is no longer sold.")


@strawberry.type(
    name="Cart", description="A cart. Prices are those of when lines were added; the checkout quotes again."
)
class GraphCart:
    id: strawberry.ID = of_cart(own("cart.id"), "The cart's id. A guest's cart is accessible to anyone with its id.")
    version: int = of_cart(own("cart.version"), "Increases by one with each change.")
    currency: str = of_cart(own("cart.currency"), "The currency (ISO 4217).")
    state: str = of_cart(own("cart.state"), "open, checkout or completed.")
    note: str = of_cart(own("cart.note"), "The buyer's note.")
    coupons: list[str] = of_cart(own("cart.coupons"), "Coupon codes for the checkout.", size=3)
    lines: list[CartLine] = of_cart(_lines, "The lines to buy.", size=20)
    saved: list[CartLine] = of_cart(_saved, "The lines saved for later.", size=20)
    subtotal: GraphMoney = of_cart(own("cart.totals.subtotal"), "The sum of the lines.")
    total: GraphMoney = of_cart(own("cart.totals.total"), "The subtotal, before shipping, taxes and promotions.")
    line_count: int = of_cart(own("cart.counts.lines"), "The number of lines.")
    item_count: int = of_cart(own("cart.counts.items"), "The sum of the lines' quantities.")
    created_at: Moment = of_cart(own("cart.created_at"), "When it was created.")
    updated_at: Moment = of_cart(own("cart.updated_at"), "When it was last changed.")
    expires_at: Moment = of_cart(own("cart.expires_at"), "When it expires without a further change.")
