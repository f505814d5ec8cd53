"""Use case: the statement of a payout."""

import msgspec

from renga.domains.payments.contract.payouts import STATEMENT_LINES_MAX, PayoutStatement
from renga.domains.payments.finance.cursors import decoded_cursor, encoded_cursor
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.finance.model.payout_planning import StoredPayout, payout_view
from renga.domains.payments.finance.read_payouts import stored_payout
from renga.kernel.caller import Caller


async def read_statement(
    dependencies: FinanceDependencies, caller: Caller, payout_id: str, *, cursor: str | None = None
) -> PayoutStatement:
    """Raises PayoutNotFound, FinanceCursorInvalid."""
    payout = await stored_payout(dependencies, caller, payout_id)
    after = None if cursor is None else decoded_cursor(cursor, tuple[int, int])
    if after is not None and after[1] > 2**15 - 1:
        after = (after[0], 2**15 - 1)
    found = await dependencies.payouts.lines(payout, after, STATEMENT_LINES_MAX + 1)
    lines = found[:STATEMENT_LINES_MAX]
    more = len(found) > STATEMENT_LINES_MAX
    return msgspec.structs.replace(
        statement_of(payout),
        lines=tuple(line for _, line in lines),
        next=encoded_cursor(lines[-1][0]) if more else None,
    )


def statement_of(payout: StoredPayout) -> PayoutStatement:
    """The statement without its lines."""
    sums = payout.sums
    return PayoutStatement(
        payout=payout_view(payout),
        currency=payout.currency,
        opening=payout.opening,
        sales=sums.sale,
        commission=sums.commission,
        refunds=sums.refund,
        disputes=sums.dispute,
        adjustments=sums.adjustment,
        returned_payouts=sums.payout_returned,
        paid_out=-payout.amount,
        closing=payout.closing,
    )
