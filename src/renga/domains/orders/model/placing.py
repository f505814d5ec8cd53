"""An attempt to place an order, as the process carries it; and what its services are asked for it. Pure."""

import hashlib
from datetime import date, timedelta

import msgspec

from renga.domains.inventory.contract.reservations import EXPIRES_S_MAX, NewReservation, WantedLine
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.domains.orders.model.order_parts import parts_of, payment_shares
from renga.domains.payments.contract.payments import NewMeans, NewPayment, Payer
from renga.domains.pricing.contract import PromotionUse, RedemptionHold
from renga.kernel.clock import DAY_MS, rfc3339, to_datetime
from renga.kernel.money import Money

#: How long stock is held for a card, and beyond the end of a Pix charge.
CARD_HOLD_S, PIX_GRACE_S = 900, 300
#: Business days that banks take to tell of a boleto.
BOLETO_BUSINESS_DAYS = 3
#: So long before the end of the hold a challenge of a card ends.
CHALLENGE_MARGIN_S = 60


class GiftPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a gift card pays of an order."""

    code: str
    amount: int


class Placing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a process needs. Nothing of it changes, but ``token`` is blanked once it was used."""

    attempt_id: str
    order_id: str
    checkout_id: str
    cart_id: str
    created_ms: int
    hold_s: int
    quote: FrozenQuote
    gift_cards: tuple[GiftPart, ...] = ()
    address: str | None = None
    return_url: str | None = None
    due_on: str | None = None

    @property
    def reference(self) -> str:
        return reference_of(self.order_id)

    @property
    def due(self) -> int:
        """What is to be paid to the shop: the interest of instalments is between buyer and issuer."""
        payment = self.quote.request.payment
        return self.quote.quote.due.amount - (0 if payment is None else payment.surcharge or 0)

    @property
    def left(self) -> int:
        """What is to be paid beside gift cards."""
        return self.due - sum(one.amount for one in self.gift_cards)

    @property
    def buyer_until_ms(self) -> int:
        """Until when the buyer may be at the provider."""
        return self.created_ms + (self.hold_s - CHALLENGE_MARGIN_S) * 1000


def reference_of(order_id: str) -> str:
    """What payments, stock and promotions know an order by."""
    return f"order:{order_id}"


def order_of_reference(reference: str) -> str | None:
    """The order's id; None: it is something else's."""
    kind, _, order_id = reference.partition(":")
    return order_id if kind == "order" and len(order_id) == 36 else None


def hold_seconds(method: str | None, now_ms: int, due_on: date, *, pix_life_s: int) -> int:
    """How long stock is held for an order that is paid so; ``due_on`` is that of a boleto."""
    if method == "pix":
        return pix_life_s + PIX_GRACE_S
    if method == "boleto":
        last = after_business_days(due_on, BOLETO_BUSINESS_DAYS)
        return min(EXPIRES_S_MAX, ((last - to_datetime(now_ms).date()).days + 1) * DAY_MS // 1000)
    return CARD_HOLD_S


def after_business_days(day: date, count: int) -> date:
    """So many days from Monday to Friday later."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def reservation_of(placing: Placing, *, key: str, expires_in_s: int) -> NewReservation:
    """Everything of it, or nothing."""
    quote = placing.quote
    return NewReservation(
        reference=placing.reference,
        key=key,
        lines=tuple(
            WantedLine(sku=line.sku, quantity_milli=round(line.quantity * 1000))
            for line in quote.quote.lines
            if line.quantity
        ),
        expires_in_s=expires_in_s,
        destination=None if quote.shipping_address is None else quote.shipping_address.destination,
    )


def redemption_of(placing: Placing, *, key: str, expires_ms: int) -> RedemptionHold | None:
    """None: no promotion was used."""
    quote = placing.quote
    uses = tuple(
        PromotionUse(promotion=one.promotion, discount=one.amount, code=one.code) for one in quote.quote.promotions
    )
    return RedemptionHold(key=key, uses=uses, expires_at=rfc3339(expires_ms), customer=_who(quote)) if uses else None


def _who(quote: FrozenQuote) -> str | None:
    if quote.customer is not None or quote.email is None:
        return quote.customer
    return f"guest:{hashlib.sha256(quote.email.encode()).hexdigest()}"


def payment_of(placing: Placing, token: str | None) -> NewPayment:
    """Gift cards first, then what is left. A card is captured once the order is placed; what is paid elsewhere, at once."""
    quote = placing.quote
    means = [NewMeans(method="gift_card", code=one.code, amount=one.amount) for one in placing.gift_cards]
    method = quote.payment_method
    if placing.left > 0:
        assert method is not None, "the requirements of a checkout ask for a method"
        card = method == "card"
        means.append(
            NewMeans(
                method=method,
                amount=placing.left,
                token=token if card else None,
                instalments=quote.instalments if card else 1,
                expires_in_s=placing.hold_s - PIX_GRACE_S if method == "pix" else None,
                due_on=placing.due_on if method == "boleto" else None,
            )
        )
    address = quote.billing_address or quote.shipping_address
    return NewPayment(
        key=placing.reference,
        reference=placing.reference,
        amount=Money(placing.due, quote.quote.currency),
        means=tuple(means),
        capture="now" if placing.left > 0 and method in ("pix", "boleto") else "later",
        shares=payment_shares(parts_of(quote.quote)),
        payer=Payer(
            customer=quote.customer,
            name=None if address is None else address.name,
            email=quote.email,
            tax_id=quote.tax_id,
            country=None if address is None else address.country,
            address=placing.address,
        ),
        return_url=placing.return_url,
    )
