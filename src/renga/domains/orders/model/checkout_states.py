"""The states of a checkout and their moves, as data."""

from collections.abc import Mapping

from renga.domains.orders.contract import CheckoutState
from renga.kernel.errors import Conflict

#: A refused payment opens the checkout again. What ended stays ended.
MOVES: Mapping[CheckoutState, frozenset[CheckoutState]] = {
    "open": frozenset({"placing", "expired", "abandoned"}),
    "placing": frozenset({"open", "completed", "abandoned"}),
    "completed": frozenset(),
    "expired": frozenset(),
    "abandoned": frozenset(),
}
#: A cart has at most one checkout in one of these.
LIVE: frozenset[CheckoutState] = frozenset({"open", "placing"})


class CheckoutMoveIllegal(Conflict):
    """``state`` is the present state."""

    code = "checkout_state"
    title = "The checkout's state does not allow this"

    def __init__(self, detail: str = "", *, state: str) -> None:
        super().__init__(detail, state=state)
        self.state = state


def checked_move(before: CheckoutState, after: CheckoutState) -> CheckoutState:
    """Returns the state after the move. Raises CheckoutMoveIllegal."""
    if after not in MOVES[before]:
        raise CheckoutMoveIllegal(f"a checkout does not go from {before} to {after}", state=before)
    return after
