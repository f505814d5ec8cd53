"""What each merchant sells in a quote, and the shares of the payment. Exact: the parts add up to what is due."""

from collections.abc import Sequence

from renga.domains.orders.contract.orders import OrderPart
from renga.domains.payments.contract.payments import Share
from renga.domains.pricing.contract import BuyerQuote, QuoteCharge, QuoteLine
from renga.kernel.money import Money


def parts_of(quote: BuyerQuote) -> tuple[OrderPart, ...]:
    """A part per merchant, by name; then the shop's own (None), if it has something: surcharges, rounding."""
    names = {line.merchant for line in quote.lines if line.quantity}
    names |= {one.merchant for one in (*quote.deliveries, *quote.surcharges) if one.merchant is not None}
    parts = [_part(quote, name) for name in sorted(names)]
    own = quote.due.amount - sum(part.total.amount for part in parts)
    return (*parts, _own(quote, own)) if own else tuple(parts)


def _part(quote: BuyerQuote, merchant: str) -> OrderPart:
    lines = [line for line in quote.lines if line.merchant == merchant and line.quantity]
    deliveries = [one for one in quote.deliveries if one.merchant == merchant]
    surcharges = [one for one in quote.surcharges if one.merchant == merchant]
    items = sum(line.total.amount for line in lines) + sum(one.total.amount for one in surcharges)
    shipping = sum(one.total.amount for one in deliveries)
    return OrderPart(
        merchant=merchant,
        fulfilment_state="unfulfilled",
        lines=tuple(line.line for line in lines),
        items=Money(items, quote.currency),
        shipping=Money(shipping, quote.currency),
        tax=Money(_added_tax(quote, [*lines, *deliveries, *surcharges]), quote.currency),
        total=Money(items + shipping, quote.currency),
    )


def _added_tax(quote: BuyerQuote, charged: Sequence[QuoteLine | QuoteCharge]) -> int:
    """What was added to the prices: nothing where they include it."""
    return 0 if quote.prices_include_tax else sum(one.tax.amount for one in charged)


def _own(quote: BuyerQuote, amount: int) -> OrderPart:
    shipping = sum(one.total.amount for one in quote.deliveries if one.merchant is None)
    own = [one for one in (*quote.deliveries, *quote.surcharges) if one.merchant is None]
    return OrderPart(
        merchant=None,
        fulfilment_state="unfulfilled",
        lines=(),
        items=Money(amount - shipping, quote.currency),
        shipping=Money(shipping, quote.currency),
        tax=Money(_added_tax(quote, own), quote.currency),
        total=Money(amount, quote.currency),
    )


def payment_shares(parts: Sequence[OrderPart]) -> tuple[Share, ...]:
    """Of each merchant: sales, added tax and shipping, which sum to its total; of the shop's own part tax and shipping, which
    have accounts. What no share names is the shop's. Commission is taken of sales only. A part below zero has no share.
    """
    shares: list[Share] = []
    for part in parts:
        if part.total.amount <= 0:
            continue
        tax = min(part.tax.amount, part.total.amount)
        shipping = min(part.shipping.amount, part.total.amount - tax)
        amounts = {"sale": part.total.amount - tax - shipping, "tax": tax, "shipping": shipping}
        shares += [
            Share(kind=kind, amount=amount, merchant=part.merchant)  # type: ignore[arg-type]
            for kind, amount in amounts.items()
            if amount and not (kind == "sale" and part.merchant is None)
        ]
    return tuple(shares)
