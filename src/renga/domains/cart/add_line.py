"""Add a quantity of a sku: one round trip to the store if the offer is cached."""

from renga.domains.cart.contract import Change, NewLine, QuantityOutOfRange, VariantNotFound, Write
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.model import check_line, check_quantity, line_id
from renga.domains.cart.ports import LineArgument
from renga.domains.cart.use_case import write_step
from renga.domains.catalog.contract import Offer
from renga.kernel.caller import Caller
from renga.kernel.languages import text_in


async def add_line(dependencies: CartDependencies, caller: Caller, cart_id: str, line: NewLine, write: Write) -> Change:
    check_quantity(line.quantity, dependencies.limits.quantity)
    check_line(line)
    checked = guard(caller, write, "add", cart_id, line)
    offer = dependencies.offers.peek(line.sku) or await dependencies.offers.find(line.sku)
    argument = line_argument(line, offer, write.language)
    try:
        return await write_step(dependencies, cart_id, lambda known: dependencies.store.add(known, argument, checked))
    except QuantityOutOfRange as error:  # with what the line holds already
        raise QuantityOutOfRange(error.detail, **{"field": "quantity", **error.extra}) from None


def line_argument(line: NewLine, offer: Offer | None, language: str) -> LineArgument:
    """A new line with the catalogue's title and prices. Raises VariantNotFound."""
    if offer is None:
        raise VariantNotFound(f"the catalogue has no sku {line.sku!r}", sku=line.sku)
    return LineArgument(
        line=line_id(line.sku, line.options),
        quantity=line.quantity,
        sku=line.sku,
        title=offer.title.get(language) or text_in(offer.title, (language.lower(),)) or offer.sku,
        options=line.options,
        prices=offer.prices,
    )
