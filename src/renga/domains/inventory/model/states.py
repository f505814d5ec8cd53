"""The state machine of a reservation, as data.

pending ──commit──▶ committed ──fulfil──▶ fulfilled
   │ ╲                  │
   │  expire            │ release
release ╲               │
   ▼     ▼              ▼
released  expired    released
"""

from typing import Literal

from renga.domains.inventory.contract import ReservationState, ReservationStatus

Move = Literal["commit", "fulfil", "release", "expire", "relocate"]

#: (state, move) → next state. What is not here is illegal.
MOVES: dict[tuple[ReservationStatus, Move], ReservationStatus] = {
    ("pending", "commit"): "committed",
    ("pending", "release"): "released",
    ("pending", "expire"): "expired",
    ("pending", "relocate"): "pending",
    ("committed", "fulfil"): "fulfilled",
    ("committed", "release"): "released",
    ("committed", "relocate"): "committed",
}

#: States in which a move has been made already: repeating it changes nothing.
DONE: dict[Move, frozenset[ReservationStatus]] = {
    "commit": frozenset({"committed", "fulfilled"}),
    "fulfil": frozenset({"fulfilled"}),
    "release": frozenset({"released", "expired"}),
    "expire": frozenset({"released", "expired", "committed", "fulfilled"}),
    "relocate": frozenset(),
}

#: States in which stock is held.
HOLDING: frozenset[ReservationStatus] = frozenset({"pending", "committed"})


def next_state(state: ReservationStatus, move: Move) -> ReservationStatus | None:
    """The state after the move; None: it has been made already. Raises ReservationState."""
    if state in DONE[move]:
        return None
    after = MOVES.get((state, move))
    if after is None:
        raise ReservationState(f"a reservation that is {state} has no move {move}", state=state)
    return after
