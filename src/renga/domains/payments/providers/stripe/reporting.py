"""Lists for reconciliation and settlement files from Stripe's balance."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Literal

from renga.domains.payments.ports.provider import ProviderRecord, SettlementFile, SettlementLine
from renga.domains.payments.providers.stripe.amounts import from_stripe
from renga.domains.payments.providers.stripe.client import StripeClient
from renga.domains.payments.providers.stripe.objects import (
    StripeIntent,
    StripeMovement,
    StripePayout,
    StripeSource,
)
from renga.domains.payments.providers.stripe.reading import complete, read_record

LineKind = Literal["capture", "refund", "dispute", "dispute_won"]
_CAPTURES = frozenset({"charge", "payment"})
_REFUNDS = frozenset({"refund", "payment_refund", "refund_failure", "payment_failure_refund"})
_PAID = "paid"


async def records(client: StripeClient, day: str) -> AsyncIterator[ProviderRecord]:
    """Payments made on a day, and older ones whose money moved on it. Raises StripeRefused, StripeUnreached, StripeUnclear."""
    first, after = bounds(day)
    told: set[str] = set()
    created = {"gte": first, "lt": after}
    async for intent in client.each(
        StripeIntent, "/v1/payment_intents", created=created, expand=["data.latest_charge"]
    ):
        if first <= intent.created < after:
            told.add(intent.id)
            yield await complete(client, intent)
    async for movement in client.each(
        StripeMovement, "/v1/balance_transactions", created=created, expand=["data.source"]
    ):
        ref = _payment_of(movement)
        if ref is not None and ref not in told and first <= movement.created < after:
            told.add(ref)
            if (record := await read_record(client, ref)) is not None:
                yield record


async def settlement(client: StripeClient, day: str, provider: str) -> SettlementFile | None:
    """The payouts that arrived on a day; None if there is none. Raises StripeRefused, StripeUnreached, StripeUnclear."""
    first, after = bounds(day)
    arrived = {"gte": first, "lt": after}
    payouts = [
        one async for one in client.each(StripePayout, "/v1/payouts", arrival_date=arrived) if one.status == _PAID
    ]
    if not payouts:
        return None
    lines = []
    for payout in payouts:
        async for movement in client.each(
            StripeMovement, "/v1/balance_transactions", payout=payout.id, expand=["data.source"]
        ):
            if (line := _line(movement)) is not None:
                lines.append(line)
    identifier = "+".join(sorted(payout.id for payout in payouts))
    return SettlementFile(id=identifier, provider=provider, day=day, lines=tuple(lines))


def bounds(day: str) -> tuple[int, int]:
    """The first second of a day (UTC), and the first after it."""
    start = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    return int(start.timestamp()), int((start + timedelta(days=1)).timestamp())


def _line(movement: StripeMovement) -> SettlementLine | None:
    ref, kind = _payment_of(movement), _kind(movement)
    if ref is None or kind is None:
        return None
    gross, fee, net = (
        from_stripe(each, movement.currency).amount for each in (movement.amount, movement.fee, movement.net)
    )
    return SettlementLine(
        id=movement.id, ref=ref, kind=kind, currency=movement.currency.upper(), gross=gross, fee=fee, net=net
    )


def _kind(movement: StripeMovement) -> LineKind | None:
    if movement.type in _CAPTURES:
        return "capture"
    if movement.type in _REFUNDS:
        return "refund"
    if movement.type == "adjustment":
        return "dispute" if movement.amount < 0 else "dispute_won"
    return None


def _payment_of(movement: StripeMovement) -> str | None:
    return movement.source.payment_intent if isinstance(movement.source, StripeSource) else None
