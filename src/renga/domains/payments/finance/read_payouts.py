"""Use cases: payouts, and what became of them."""

import msgspec

from renga.domains.payments.contract.finance_errors import PayoutAccountNotReady, PayoutNotFound
from renga.domains.payments.contract.payouts import PAYOUTS_PAGE_MAX, Payout, PayoutMove, PayoutPage, PayoutState
from renga.domains.payments.finance.access import manage_payouts, payout_reach
from renga.domains.payments.finance.cursors import decoded_cursor, encoded_cursor
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.finance.model.payout_planning import StoredPayout, payout_transactions, payout_view
from renga.domains.payments.finance.model.payout_states import check_move
from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid, Unprocessable
from renga.kernel.ids import canonical_uuid


async def list_payouts(
    dependencies: FinanceDependencies,
    caller: Caller,
    *,
    merchant: str | None = None,
    state: PayoutState | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> PayoutPage:
    """Newest first. Raises FinanceCursorInvalid, Invalid (limit)."""
    reach = await payout_reach(dependencies, caller)
    if not 1 <= limit <= PAYOUTS_PAGE_MAX:
        raise Invalid(f"limit is 1 to {PAYOUTS_PAGE_MAX}", field="limit")
    after = None if cursor is None else decoded_cursor(cursor, tuple[int, str])
    if after is not None:
        after = (after[0], _identifier(after[1]))
    merchants = reach.only
    if merchant is not None:
        merchants = frozenset({merchant}) if reach.covers(merchant) and "\0" not in merchant else frozenset()
    found = await dependencies.payouts.payouts(merchants, state, after, limit + 1)
    items = tuple(map(payout_view, found[:limit]))
    more = len(found) > limit
    return PayoutPage(
        items=items, next=encoded_cursor((found[limit - 1].created_ms, found[limit - 1].id)) if more else None
    )


def _identifier(text: str) -> str:
    found = canonical_uuid(text)
    if found is None:
        raise PayoutNotFound()
    return found


async def stored_payout(dependencies: FinanceDependencies, caller: Caller, payout_id: str) -> StoredPayout:
    """Raises PayoutNotFound."""
    reach = await payout_reach(dependencies, caller)
    found = await dependencies.payouts.payout(_identifier(payout_id))
    if found is None or not reach.covers(found.merchant):
        raise PayoutNotFound()
    return found


async def read_payout(dependencies: FinanceDependencies, caller: Caller, payout_id: str) -> Payout:
    """Raises PayoutNotFound."""
    return payout_view(await stored_payout(dependencies, caller, payout_id))


async def move_payout(dependencies: FinanceDependencies, caller: Caller, payout_id: str, move: PayoutMove) -> Payout:
    """Raises PayoutNotFound, PayoutStateConflict."""
    subject = manage_payouts(caller)
    if "\0" in move.detail:
        raise Unprocessable("a text has the character U+0000, which is not kept", field="detail")
    payout = await stored_payout(dependencies, caller, payout_id)
    if payout.state == move.state:
        return payout_view(payout)
    check_move(payout.state, move.state)
    now_ms = dependencies.clock.now_ms()
    entry = TrailEntry(
        at_ms=now_ms, by=subject, action=f"payout_{move.state}", subject=payout.id,
        details={"merchant": payout.merchant, "from": payout.state},
    )  # fmt: skip
    transactions = payout_transactions(payout, move.state)
    detail = move.detail or payout.detail
    if move.state == "sent" and not await _ready(dependencies, payout.merchant):
        raise PayoutAccountNotReady()
    if not await dependencies.payouts.move(
        payout.id, frozenset({payout.state}), move.state, detail, transactions, entry
    ):
        # somebody else was faster: decide again about what is there now
        return await move_payout(dependencies, caller, payout_id, move)
    return payout_view(msgspec.structs.replace(payout, state=move.state, detail=detail, changed_ms=now_ms))


async def _ready(dependencies: FinanceDependencies, merchant: str) -> bool:
    """Whether money may go to the merchant's account: it may have been changed since the payout was made."""
    account = await dependencies.payout_accounts.account(merchant, dependencies.clock.now_ms())
    return account is not None and account.verified and account.resumes_at is None
