"""Use case: what moved on a merchant's account in a period."""

from renga.domains.payments.contract.errors import LedgerAccountNotFound
from renga.domains.payments.contract.ledger_reading import (
    READING_LEDGER,
    READING_STATEMENTS,
    MerchantStatement,
    StatementBalance,
)
from renga.domains.payments.ledger.model.accounts import checked_account
from renga.domains.payments.ledger.model.pages import check_limit, cursor_of, numbers_of, period_of
from renga.domains.payments.ledger.ports import LedgerReads, SeesMerchant, StatementPlace
from renga.domains.payments.ledger.read_accounts import entry_view
from renga.kernel.caller import Caller


async def read_statement(
    reads: LedgerReads,
    sees_merchant: SeesMerchant,
    caller: Caller,
    merchant: str,
    *,
    first_day: str,
    last_day: str,
    cursor: str | None,
    limit: int,
) -> MerchantStatement:
    """Of a merchant without entries it is empty: the ledger does not know which merchants there are.

    Raises LedgerInvalid, LedgerAccountNotFound (another's merchant).
    """
    caller.require(READING_STATEMENTS, READING_LEDGER)
    if not caller.may(READING_LEDGER) and not await sees_merchant(caller, merchant):
        raise LedgerAccountNotFound(f"there is no merchant {merchant[:100]!r} of yours")
    account = checked_account(f"merchant:{merchant}")
    from_ms, to_ms = period_of(first_day, last_day)
    check_limit(limit)
    after = None if cursor is None else StatementPlace(*numbers_of(cursor, 3))
    part = await reads.statement(account, from_ms, to_ms, after, limit + 1)
    page = part.lines[:limit]
    following = None
    if len(part.lines) > limit:
        following = cursor_of(page[-1].at_ms, page[-1].transaction, page[-1].position)
    return MerchantStatement(
        merchant=merchant,
        first_day=first_day,
        last_day=last_day,
        balances=tuple(map(_owed, part.balances)),
        lines=tuple(entry_view(line, -1) for line in page),
        next=following,
    )


def _owed(balance: StatementBalance) -> StatementBalance:
    """From the merchant's side: what the shop owes is a credit, which is negative in the ledger."""
    return StatementBalance(
        currency=balance.currency,
        opening=-balance.opening,
        turnover=-balance.turnover,
        closing=-balance.closing,
        lines=balance.lines,
    )
