"""What travels of statements: every amount with its currency."""

import msgspec

from renga.domains.payments.contract.payouts import Payout, PayoutStatement, StatementKind, StatementLine
from renga.kernel.money import Money


class StatementLineView(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the merchant's account; positive: the merchant gets it."""

    at: str
    kind: StatementKind
    reference: str
    amount: Money


class PayoutStatementView(msgspec.Struct, frozen=True, kw_only=True):
    """`opening + sales + commission + refunds + disputes + adjustments + returned_payouts + paid_out = closing`."""

    payout: Payout
    opening: Money
    sales: Money
    commission: Money
    refunds: Money
    disputes: Money
    adjustments: Money
    returned_payouts: Money
    paid_out: Money
    closing: Money
    lines: list[StatementLineView]
    next: str | None


def payout_statement_view(found: PayoutStatement) -> PayoutStatementView:
    """The statement as it travels."""

    def money(amount: int) -> Money:
        return Money(amount, found.currency)

    return PayoutStatementView(
        payout=found.payout,
        opening=money(found.opening),
        sales=money(found.sales),
        commission=money(found.commission),
        refunds=money(found.refunds),
        disputes=money(found.disputes),
        adjustments=money(found.adjustments),
        returned_payouts=money(found.returned_payouts),
        paid_out=money(found.paid_out),
        closing=money(found.closing),
        lines=[_line(line, found.currency) for line in found.lines],
        next=found.next,
    )


def _line(line: StatementLine, currency: str) -> StatementLineView:
    return StatementLineView(
        at=line.at, kind=line.kind, reference=line.reference, amount=Money(line.amount, currency)
    )  # fmt: skip
