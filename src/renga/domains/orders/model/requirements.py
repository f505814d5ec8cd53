"""What must be done before an order can be placed. Pure."""

from collections.abc import Iterator

from renga.domains.orders.contract import Requirement
from renga.domains.orders.model.checkout_record import CheckoutDetails
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.kernel.address import PostalAddress, missing_members

#: Methods that the provider's rules want a tax number and a name for.
_NAMED_METHODS = frozenset({"boleto"})


def requirements_of(
    details: CheckoutDetails, frozen: FrozenQuote | None, *, tax_id_required: bool, consents: tuple[str, ...]
) -> tuple[Requirement, ...]:
    """In the order in which a buyer meets them. ``consents`` are the names of those that an order needs."""
    if frozen is None:
        return (Requirement(code="quote_required", path="$.quote"),)
    if not any(line.quantity for line in frozen.quote.lines):
        return (
            Requirement(code="cart_empty" if not frozen.quote.lines else "nothing_available", path="$.quote.lines"),
        )
    return tuple(_missing(details, frozen, tax_id_required, consents))


def _missing(
    details: CheckoutDetails, frozen: FrozenQuote, tax_id_required: bool, consents: tuple[str, ...]
) -> Iterator[Requirement]:
    if details.email is None:
        yield Requirement(code="email_required", path="$.email")
    if details.tax_id is None and (tax_id_required or details.payment_method in _NAMED_METHODS):
        yield Requirement(code="tax_id_required", path="$.tax_id")
    yield from _delivery(details, frozen)
    if details.payment_method in _NAMED_METHODS and not frozen.ships and _address(details) is None:
        yield Requirement(code="billing_address_required", path="$.billing_address")
    yield from _payment(details, frozen)
    for name in consents:
        if not details.consents.get(name):
            # a person agrees, not a program
            yield Requirement(code="consent_required", path=f"$.consents['{name}']", resolved_by="buyer_here")


def _address(details: CheckoutDetails) -> PostalAddress | None:
    return details.billing_address or details.shipping_address


def _delivery(details: CheckoutDetails, frozen: FrozenQuote) -> Iterator[Requirement]:
    if not frozen.ships:
        return
    if details.shipping_address is None:
        yield Requirement(code="shipping_address_required", path="$.shipping_address")
        return
    for name in missing_members(details.shipping_address):
        yield Requirement(code=f"{name}_required", path=f"$.shipping_address.{name}")
    if not frozen.shipping_options:
        yield Requirement(code="not_delivered_there", path="$.shipping_address.country")


def _payment(details: CheckoutDetails, frozen: FrozenQuote) -> Iterator[Requirement]:
    if not frozen.quote.due.amount:
        return
    if details.payment_method is None:
        yield Requirement(code="payment_method_required", path="$.payment.method")
        return
    offered = next((one for one in frozen.payment_methods if one.method == details.payment_method), None)
    if offered is None:
        yield Requirement(code="payment_method_unavailable", path="$.payment.method")
    elif details.instalments > 1 and all(plan.count != details.instalments for plan in offered.instalments):
        yield Requirement(code="instalments_unavailable", path="$.payment.instalments")
