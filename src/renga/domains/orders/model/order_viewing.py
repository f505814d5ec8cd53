"""An order as its reader sees it."""

from collections.abc import Collection, Sequence

import msgspec

from renga.domains.orders.contract.orders import (
    Order,
    OrderAddresses,
    OrderAdjustment,
    OrderEvent,
    OrderLine,
    OrderPayment,
    OrderSummary,
)
from renga.domains.orders.model.order_record import KeptAdjustment, OrderNote, OrderRecord
from renga.domains.orders.model.order_states import together
from renga.domains.pricing.contract import QuoteLine, QuoteTotal
from renga.kernel.clock import rfc3339
from renga.kernel.money import Money


def order_view(
    order: OrderRecord, notes: Sequence[OrderNote] = (), adjustments: Sequence[KeptAdjustment] = ()
) -> Order:
    """All of it."""
    frozen, standing = order.placing.quote, order.standing
    quote, currency = frozen.quote, frozen.quote.currency
    return Order(
        id=order.id,
        number=order.number,
        state=order.state,
        payment_state=standing.payment_state,
        fulfilment_state=together(standing.parts),
        currency=currency,
        lines=tuple(_line(order, line) for line in quote.lines if line.quantity),
        totals=quote.totals,
        total=quote.due,
        parts=order.parts,
        payment=standing.payment,
        addresses=OrderAddresses(shipping=frozen.shipping_address, billing=frozen.billing_address),
        created_at=rfc3339(order.created_ms),
        version=order.version,
        deliveries=quote.deliveries,
        customer=order.customer,
        email=frozen.email,
        tax_id=frozen.tax_id,
        language=frozen.language,
        note=frozen.note,
        consents=frozen.consents,
        cancel_reason=standing.cancel_reason,
        events=tuple(OrderEvent(type=one.type, at=rfc3339(one.at_ms), data=one.data) for one in notes),
        adjustments=tuple(
            OrderAdjustment(kind=one.kind, amount=Money(one.amount, currency), reason=one.reason, at=rfc3339(one.at_ms))
            for one in adjustments
        ),
    )


def merchants_view(order: Order, merchants: Collection[str]) -> Order:
    """What merchants of a part see: their lines and their delivery, nothing of the payment, of others, or of the buyer's ids."""
    parts = tuple(part for part in order.parts if part.merchant in merchants)
    total = Money(sum(part.total.amount for part in parts), order.currency)
    return msgspec.structs.replace(
        order,
        lines=tuple(line for line in order.lines if line.merchant in merchants),
        parts=parts,
        fulfilment_state=together([part.fulfilment_state for part in parts]),
        deliveries=tuple(one for one in order.deliveries if one.merchant in merchants),
        totals=(QuoteTotal(type="total", amount=total),),
        total=total,
        payment=OrderPayment(),
        addresses=OrderAddresses(shipping=order.addresses.shipping),
        customer=None,
        email=None,
        tax_id=None,
        consents={},
        adjustments=(),
    )


def summary_view(order: OrderRecord) -> OrderSummary:
    """An order in a list."""
    return OrderSummary(
        id=order.id,
        number=order.number,
        state=order.state,
        payment_state=order.standing.payment_state,
        fulfilment_state=together(order.standing.parts),
        total=order.placing.quote.quote.due,
        created_at=rfc3339(order.created_ms),
    )


def _line(order: OrderRecord, line: QuoteLine) -> OrderLine:
    parts = {part.merchant: part.fulfilment_state for part in order.parts}
    state, options = parts.get(line.merchant, "unfulfilled"), order.placing.quote.options
    return OrderLine(
        line=line.line,
        sku=line.sku,
        title=line.title,
        merchant=line.merchant,
        ordered=line.quantity,
        current=0 if state == "cancelled" else line.quantity,
        fulfilled=line.quantity if state in ("fulfilled", "delivered") else 0,
        returned=0,
        unit_price=line.unit_price,
        tax=line.tax,
        total=line.total,
        now=line.now,
        discounts=line.discounts,
        taxes=line.taxes,
        options=options.get(line.line, {}),
        gift=line.gift,
    )
