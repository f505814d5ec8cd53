"""The states of a payment and of each of its means, and the moves between them, as data.

A provider's news may skip states and come in any order: a state that is not reachable by moves is older news. ``unknown`` is
shown while the outcome of an operation is not known; the known state is kept beside it.
"""

from collections.abc import Mapping
from typing import get_args

from renga.domains.payments.contract.payments import PaymentState
from renga.domains.payments.model.records import RecordState

#: (state, what happens) -> next state.
MOVES: Mapping[tuple[PaymentState, str], PaymentState] = {
    ("created", "asks the buyer"): "action_needed",
    ("created", "waits for money"): "pending",
    ("created", "authorises"): "authorised",
    ("created", "refuses"): "declined",
    ("created", "gives up"): "voided",
    ("created", "does not answer"): "unknown",
    ("unknown", "is resolved: asks the buyer"): "action_needed",
    ("unknown", "is resolved: waits for money"): "pending",
    ("unknown", "is resolved: authorises"): "authorised",
    ("unknown", "is resolved: refuses"): "declined",
    ("unknown", "is resolved: captures"): "captured",
    ("action_needed", "processes"): "pending",
    ("action_needed", "authorises"): "authorised",
    ("action_needed", "refuses"): "declined",
    ("action_needed", "ends"): "expired",
    ("action_needed", "releases"): "voided",
    ("pending", "authorises"): "authorised",
    ("pending", "is paid"): "captured",
    ("pending", "refuses"): "declined",
    ("pending", "ends"): "expired",
    ("pending", "releases"): "voided",
    ("authorised", "captures a part"): "partly_captured",
    ("authorised", "captures"): "captured",
    ("authorised", "ends"): "expired",
    ("authorised", "releases"): "voided",
    ("authorised", "does not answer"): "unknown",
    ("partly_captured", "captures the rest"): "captured",
    ("partly_captured", "refunds a part"): "partly_refunded",
    ("partly_captured", "refunds"): "refunded",
    ("partly_captured", "opens a dispute"): "disputed",
    ("captured", "refunds a part"): "partly_refunded",
    ("captured", "refunds"): "refunded",
    ("captured", "opens a dispute"): "disputed",
    ("partly_refunded", "refunds the rest"): "refunded",
    ("partly_refunded", "opens a dispute"): "disputed",
    ("refunded", "captures more"): "partly_refunded",
    ("refunded", "opens a dispute"): "disputed",
    ("disputed", "wins"): "won",
    ("disputed", "loses"): "lost",
    ("won", "refunds a part"): "partly_refunded",
    ("won", "refunds"): "refunded",
    ("won", "opens a dispute"): "disputed",
    ("lost", "opens a dispute"): "disputed",
    ("declined", "is paid late"): "captured",
    ("expired", "is paid late"): "captured",
    ("voided", "is paid late"): "captured",
}

#: Nothing more is awaited here; money that comes is late.
ENDED: frozenset[PaymentState] = frozenset({"declined", "expired", "voided"})
#: Before money, and still alive.
WAITING: frozenset[PaymentState] = frozenset({"created", "action_needed", "pending", "authorised"})
#: The state that a provider's record means before money was taken.
STATE_OF_RECORD: Mapping[RecordState, PaymentState] = {
    "action_needed": "action_needed", "pending": "pending", "authorised": "authorised", "captured": "captured",
    "voided": "voided", "expired": "expired", "refused": "declined",
}  # fmt: skip


def _reachable(start: PaymentState) -> frozenset[PaymentState]:
    """What a known state may become, over any number of moves; ``unknown`` is not a known state."""
    found: set[PaymentState] = set()
    todo = [start]
    while todo:
        here = todo.pop()
        following = {after for (before, _), after in MOVES.items() if before == here and after != "unknown"} - found
        found |= following
        todo.extend(following)
    return frozenset(found)


_REACHABLE: Mapping[PaymentState, frozenset[PaymentState]] = {
    state: _reachable(state) for state in get_args(PaymentState)
}


def may_become(state: PaymentState, target: PaymentState) -> bool:
    """Whether news of ``target`` is newer than ``state``."""
    return target in _REACHABLE[state]


def diagram() -> str:
    """The moves as a Mermaid state diagram, as the domain's README has it."""
    lines = ["stateDiagram-v2", "    [*] --> created"]
    lines += [f"    {before} --> {after}: {what}" for (before, what), after in MOVES.items()]
    return "\n".join(lines) + "\n"
