"""Add a quantity of a sku: one round trip to the store if offer, stock and the cart's terms are cached."""

from renga.domains.cart.contract import (
    Change,
    NewLine,
    OutOfStock,
    QuantityOutOfRange,
    VariantNotAvailable,
    VariantNotFound,
    Write,
)
from renga.domains.cart.dependencies import CartDependencies, checked_id, guard
from renga.domains.cart.line_prices import is_sold, line_argument
from renga.domains.cart.model import check_line, check_quantity
from renga.domains.cart.owner_groups import write_on_terms
from renga.domains.cart.ports import Guard, WriteOutcome
from renga.domains.cart.price_keys import parts_of
from renga.domains.cart.use_case import write_step
from renga.domains.catalog.contract import Offer
from renga.kernel.caller import Caller


async def add_line(dependencies: CartDependencies, caller: Caller, cart_id: str, line: NewLine, write: Write) -> Change:
    check_quantity(line.quantity, dependencies.limits.quantity)
    check_line(line)
    checked = guard(caller, write, "add", cart_id, line)
    offer = dependencies.offers.peek(line.sku) or await dependencies.offers.find(line.sku)
    if offer is not None and offer.bundle:
        dependencies.stock.know_bundle(line.sku, (part.sku for part in offer.bundle))
    sellable = dependencies.stock.peek(line.sku) or await dependencies.stock.find(line.sku)

    async def step(known: str) -> WriteOutcome:
        async def add(guarded: Guard) -> WriteOutcome:
            argument = line_argument(
                line, offer, sellable, price_key=guarded.price_key, language=write.language, at=dependencies.at
            )
            dependencies.line_skus.remember(argument.line, line.sku)
            return await dependencies.store.add(known, argument, guarded)

        return await write_on_terms(dependencies, caller, known, checked, add)

    try:
        return await write_step(dependencies, cart_id, step)
    except QuantityOutOfRange as error:  # with what the line holds already
        raise QuantityOutOfRange(error.detail, **{"field": "quantity", **error.extra}) from None
    except OutOfStock as error:
        raise refusal(error, line.sku, offer, dependencies.price_keys.of(checked_id(cart_id))) from None


def refusal(error: OutOfStock, sku: str, offer: Offer | None, price_key: str) -> OutOfStock | VariantNotAvailable:
    """Why no more of a sku may be in the cart."""
    if offer is None:
        raise VariantNotFound(sku=sku)
    if not is_sold(offer, price_key):
        channel = parts_of(price_key)[0]
        return VariantNotAvailable(f"{sku} is not sold in the channel {channel}", sku=sku, channel=channel)
    available = int(error.extra["available"])
    return OutOfStock(f"of {sku} {available} can be bought now", sku=sku, available=available)
