"""The states of an order and of each merchant's part, and their moves, as data. An illegal move is a typed error."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from renga.domains.orders.contract.errors import OrderStateConflict
from renga.domains.orders.contract.orders import FulfilmentState, OrderState

#: (state, what happens) -> next state.
MOVES: Mapping[tuple[OrderState, str], OrderState] = {
    ("placed", "is paid"): "paid",
    ("placed", "is held for review"): "payment_review",
    ("placed", "is cancelled"): "cancelled",
    ("awaiting_payment", "is paid"): "paid",
    ("awaiting_payment", "is held for review"): "payment_review",
    ("awaiting_payment", "is cancelled"): "cancelled",
    ("payment_review", "is paid"): "paid",
    ("payment_review", "is cancelled"): "cancelled",
    ("paid", "begins fulfilment"): "in_fulfilment",
    ("paid", "is cancelled"): "cancelled",
    ("in_fulfilment", "is delivered"): "delivered",
    ("delivered", "is completed"): "completed",
    ("cancelled", "is paid late"): "paid",
}
#: The same of one merchant's part.
PART_MOVES: Mapping[tuple[FulfilmentState, str], FulfilmentState] = {
    ("unfulfilled", "begins fulfilment"): "in_fulfilment",
    ("unfulfilled", "is cancelled"): "cancelled",
    ("in_fulfilment", "is sent"): "fulfilled",
    ("fulfilled", "is delivered"): "delivered",
    ("cancelled", "is paid late"): "unfulfilled",
}
#: Nothing was paid or given up yet.
OPEN: frozenset[OrderState] = frozenset({"placed", "awaiting_payment", "payment_review"})
#: What the parts are together: the first of these that one of them is.
_TOGETHER: tuple[FulfilmentState, ...] = ("in_fulfilment", "unfulfilled", "fulfilled", "delivered", "cancelled")

S = TypeVar("S", bound=str)


def moved(state: OrderState, what: str) -> OrderState:
    """The state after the move. Raises OrderStateConflict."""
    return _moved(MOVES, state, what)


def part_moved(state: FulfilmentState, what: str) -> FulfilmentState:
    """The part's state after the move. Raises OrderStateConflict."""
    return _moved(PART_MOVES, state, what)


def together(parts: Sequence[FulfilmentState]) -> FulfilmentState:
    """The order's fulfilment state."""
    return next((state for state in _TOGETHER if state in parts), "unfulfilled")


def diagram() -> str:
    """The moves of orders as a Mermaid state diagram, as the domain's README has it."""
    lines = ["stateDiagram-v2", "    [*] --> placed", "    [*] --> awaiting_payment"]
    lines += [f"    {before} --> {after}: {what}" for (before, what), after in MOVES.items()]
    return "\n".join(lines) + "\n"


def _moved(moves: Mapping[tuple[S, str], S], state: S, what: str) -> S:
    after = moves.get((state, what))
    if after is None:
        raise OrderStateConflict(f"what is {state} has no move: {what}", state=state)
    return after
