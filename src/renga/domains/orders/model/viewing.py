"""A checkout as its buyer sees it."""

from renga.domains.orders.contract import Checkout, CheckoutPayment, CheckoutState, Requirement
from renga.domains.orders.model.checkout_record import CheckoutRecord
from renga.domains.orders.model.checkout_states import LIVE
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.kernel.clock import rfc3339


def state_at(record: CheckoutRecord, now_ms: int) -> CheckoutState:
    """The state; an open checkout has expired when its life ends, also before a worker has written it."""
    return "expired" if record.state == "open" and now_ms >= record.expires_ms else record.state


def view_of(
    record: CheckoutRecord,
    frozen: FrozenQuote | None,
    requirements: tuple[Requirement, ...],
    *,
    now_ms: int,
    continue_url: str,
) -> Checkout:
    """Of an ended checkout nothing is required any more."""
    details, state = record.details, state_at(record, now_ms)
    method = details.payment_method
    return Checkout(
        id=record.id,
        state=state,
        cart_id=record.cart_id,
        cart_version=None if frozen is None else frozen.cart_version,
        customer=record.customer,
        created_at=rfc3339(record.created_ms),
        expires_at=rfc3339(record.expires_ms),
        continue_url=continue_url,
        requirements=requirements if state in LIVE else (),
        quote=None if frozen is None else frozen.quote,
        shipping_options=() if frozen is None else frozen.shipping_options,
        payment_methods=() if frozen is None else frozen.payment_methods,
        email=details.email,
        tax_id=details.tax_id,
        country=details.country,
        shipping_address=details.shipping_address,
        billing_address=details.billing_address,
        shipping_option=details.shipping_option,
        payment=None if method is None else CheckoutPayment(method=method, instalments=details.instalments),
        gift_cards=details.gift_cards,
        coupons=details.coupons,
        consents=details.consents,
    )
