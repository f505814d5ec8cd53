"""Differences between what the provider says and what the shop and its ledger say."""

from collections.abc import Iterator

import msgspec

from renga.domains.payments.contract.payments import PaymentMethod
from renga.domains.payments.contract.settlements import DifferenceKind, ReconciliationDifference, SettlementLine
from renga.domains.payments.model.records import ProviderRecord

#: States of a record that no money was ever taken in; the shop need not know them.
_NOTHING = frozenset({"refused", "voided", "expired"})


class OurMeans(msgspec.Struct, frozen=True, kw_only=True):
    """A means as the shop knows it, and what the ledger says of it. ``place`` orders them."""

    place: int
    ref: str
    method: PaymentMethod
    reference: str
    currency: str
    captured: int
    refunded: int
    ledger_captured: int
    ledger_refunded: int
    settled_captured: int
    settled_refunded: int


class WrittenLine(msgspec.Struct, frozen=True, kw_only=True):
    """A settlement line as it was imported, and its fee and net in the ledger."""

    line: SettlementLine
    ledger_fee: int
    ledger_net: int


class UnsettledMeans(msgspec.Struct, frozen=True, kw_only=True):
    """What should have been settled. ``place`` orders them."""

    place: int
    ref: str
    reference: str
    currency: str
    captured: int
    settled: int


def compare_means(provider: str, record: ProviderRecord, ours: OurMeans | None) -> Iterator[ReconciliationDifference]:
    """A payment at the provider with the shop's, the ledger's and what was settled."""
    if ours is None:
        if record.captured or record.refunded or record.state not in _NOTHING:
            yield ReconciliationDifference(
                kind="missing_here", provider=provider, ref=record.ref, what="payment",
                currency=record.amount.currency, there=record.captured or record.amount.amount,
            )  # fmt: skip
        return
    if ours.currency != record.amount.currency:
        yield _of(provider, ours, "amount_differs", "currency", record.captured, ours.captured)
        return
    for what, there, here, ledger in (
        ("captured", record.captured, ours.captured, ours.ledger_captured),
        ("refunded", record.refunded, ours.refunded, ours.ledger_refunded),
    ):
        if there != here:
            yield _of(provider, ours, "amount_differs", what, there, here)
        if ledger != here:
            yield _of(provider, ours, "amount_differs", f"ledger {what}", there, ledger)
    for what, settled, total in (
        ("captured", ours.settled_captured, record.captured),
        ("refunded", ours.settled_refunded, record.refunded),
    ):
        if settled > total:
            yield _of(provider, ours, "settled_twice", what, settled, total)


def _of(
    provider: str, ours: OurMeans, kind: DifferenceKind, what: str, there: int | None, here: int | None
) -> ReconciliationDifference:
    return ReconciliationDifference(
        kind=kind, provider=provider, ref=ours.ref, what=what, currency=ours.currency, there=there, here=here,
        reference=ours.reference,
    )  # fmt: skip


def missing_there(provider: str, ours: OurMeans) -> ReconciliationDifference:
    """The provider does not know it."""
    return _of(provider, ours, "missing_there", "payment", None, ours.captured)


def line_difference(
    provider: str,
    line: SettlementLine,
    kind: DifferenceKind,
    what: str,
    *,
    there: int | None = None,
    here: int | None = None,
) -> ReconciliationDifference:
    return ReconciliationDifference(
        kind=kind,
        provider=provider,
        ref=line.ref,
        what=what,
        currency=line.currency,
        there=there,
        here=here,
        line=line.id,
    )


def compare_line(
    provider: str, line: SettlementLine, written: WrittenLine | None
) -> Iterator[ReconciliationDifference]:
    """A line of the provider's file with what was imported and what the ledger has."""
    if written is None:
        yield line_difference(provider, line, "missing_here", "settlement line", there=line.gross)
        return
    ours = written.line
    if (ours.ref, ours.kind, ours.currency, ours.gross) != (line.ref, line.kind, line.currency, line.gross):
        yield line_difference(provider, line, "amount_differs", "settlement line", there=line.gross, here=ours.gross)
    if ours.fee != line.fee:
        yield line_difference(provider, line, "fee_differs", "settlement line", there=line.fee, here=ours.fee)
    if written.ledger_fee != ours.fee:
        yield line_difference(provider, line, "fee_differs", "ledger", there=line.fee, here=written.ledger_fee)
    if written.ledger_net != ours.net:
        yield line_difference(
            provider, line, "amount_differs", "ledger settled", there=line.net, here=written.ledger_net
        )


def unsettled_means(provider: str, one: UnsettledMeans) -> ReconciliationDifference:
    return ReconciliationDifference(
        kind="unsettled", provider=provider, ref=one.ref, what="captured", currency=one.currency, there=one.settled,
        here=one.captured, reference=one.reference,
    )  # fmt: skip


def unsettled_instalment(provider: str, day: str, reference: str, currency: str, left: int) -> ReconciliationDifference:
    return ReconciliationDifference(
        kind="unsettled", provider=provider, ref="", what=f"instalment of {day}", currency=currency, there=0, here=left,
        reference=reference,
    )  # fmt: skip
