"""The moves of a payout, as data."""

from collections.abc import Mapping

from renga.domains.payments.contract.finance_errors import PayoutStateConflict
from renga.domains.payments.contract.payouts import PayoutState

#: A payout that the bank sends back after it was paid is ``returned``, too.
MOVES: Mapping[PayoutState, frozenset[PayoutState]] = {
    "carried": frozenset(),
    "scheduled": frozenset({"sent", "failed"}),
    "sent": frozenset({"paid", "failed"}),
    "failed": frozenset({"returned"}),
    "paid": frozenset({"returned"}),
    "returned": frozenset(),
}


def check_move(state: PayoutState, to: PayoutState) -> None:
    """Raises PayoutStateConflict."""
    if to not in MOVES[state]:
        raise PayoutStateConflict(f"a payout that is {state} does not become {to}", state=state)
