"""What a payment needs next, from what is known of it: the next operations. Whoever learned something asks this again, so that
a payment goes on after a crash of anybody.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from renga.domains.payments.contract.payments import PaymentState
from renga.domains.payments.model.means import StoredMeans, StoredOperation, StoredPayment
from renga.domains.payments.model.records import OperationKind
from renga.domains.payments.model.states import ENDED

AUTHORISE, CAPTURE, RELEASE, STRAY = "authorise", "capture", "release", "stray"
#: The capture of a payment that finance has accepted.
REVIEWED = "reviewed"


class NextStep(NamedTuple):
    """An operation that is due now. ``name`` is unique within the means."""

    means: str
    kind: OperationKind
    name: str
    amount: int
    late: bool = False


class Known(msgspec.Struct, frozen=True):
    """A payment with its means in order and its operations."""

    payment: StoredPayment
    means: tuple[StoredMeans, ...]
    operations: tuple[StoredOperation, ...]

    def live(self, means: StoredMeans, *kinds: OperationKind) -> bool:
        """Whether an operation (of these kinds) is under way on a means."""
        return any(one.means == means.id and one.live and (not kinds or one.kind in kinds) for one in self.operations)

    def named(self, means: StoredMeans, name: str) -> StoredOperation | None:
        return next((one for one in self.operations if one.means == means.id and one.name == name), None)


def next_steps(known: Known) -> tuple[NextStep, ...]:
    """The operations to make now; each is made once, by its name."""
    onward = _releases(known) if known.payment.given_up else _forward(known)
    steps = [*onward, *_strays(known), *_late(known)]
    by_id = {one.id: one for one in known.means}
    return tuple(step for step in steps if known.named(by_id[step.means], step.name) is None)


def _forward(known: Known) -> list[NextStep]:
    """Authorise one means after the other, then take the money."""
    for one in known.means:
        if one.state == "created":
            return [NextStep(one.id, "authorise", AUTHORISE, one.amount)]
        if one.state == "action_needed" or (one.state == "pending" and not one.asynchronous):
            return []
    if known.payment.capture == "later" or known.payment.risk in {"review", "refuse"}:
        return []
    if any(known.live(one, "authorise") for one in known.means):
        return []
    if any(one.asynchronous and not one.captured for one in known.means):
        return []
    outside = [one for one in known.means if not one.internal]
    steps = [NextStep(one.id, "capture", CAPTURE, one.amount) for one in outside if one.state == "authorised"]
    return steps or _internal_captures(known)


def _internal_captures(known: Known) -> list[NextStep]:
    """Gift cards and store credit are taken last: when every provider has taken its part."""
    if not all(one.captured for one in known.means if not one.internal):
        return []
    inside = [one for one in known.means if one.internal and one.state == "authorised"]
    return [NextStep(one.id, "capture", CAPTURE, one.amount) for one in inside]


def _releases(known: Known) -> list[NextStep]:
    """What is held is released. A means with a live operation is looked at when that has ended."""
    name = known.payment.void_name or RELEASE
    return [
        NextStep(one.id, "void", name, one.amount - one.captured)
        for one in known.means
        if not known.live(one) and (one.state in {"action_needed", "pending"} or one.capturable)
    ]


def _strays(known: Known) -> list[NextStep]:
    return [
        NextStep(one.id, "void", STRAY, one.amount)
        for one in known.means
        if one.stray and one.state in ENDED and not known.live(one)
    ]


def _late(known: Known) -> list[NextStep]:
    """Late money is decided about by an operation of its own; one refund at a time."""
    return [
        NextStep(one.id, "refund", late_name(one), one.late, late=True)
        for one in known.means
        if one.late and not one.internal and not known.live(one, "refund")
    ]


def late_name(means: StoredMeans) -> str:
    """Each arrival of late money is decided about once."""
    return f"{'excess' if means.captured > means.amount else 'late'}:{means.captured}"


#: Before money, the first of these that a means has is the payment's state.
_PRECEDENCE: tuple[PaymentState, ...] = (
    "declined", "expired", "voided", "action_needed", "pending", "created", "authorised",
)  # fmt: skip


def payment_state(payment: StoredPayment, means: Iterable[StoredMeans]) -> PaymentState:
    """The payment's state: a function of what is known of its means."""
    every = tuple(means)
    if any(one.unsure for one in every):
        return "unknown"
    if any(one.captured for one in every):
        return _paid_state(payment, every)
    if payment.reason is not None:
        return "declined"
    states = {one.state for one in every}
    if payment.given_up and "expired" not in states and "declined" not in states and states - ENDED:
        # a void is under way: the state of what is not released yet
        states -= ENDED
    return next(state for state in _PRECEDENCE if state in states)


def _paid_state(payment: StoredPayment, means: tuple[StoredMeans, ...]) -> PaymentState:
    states = {one.state for one in means}
    if "disputed" in states:
        return "disputed"
    if "lost" in states:
        return "lost"
    captured, refunded = sum(one.captured for one in means), sum(one.refunded for one in means)
    if refunded >= captured:
        return "refunded"
    if refunded and captured - refunded < payment.amount:  # what was given back was not only excess
        return "partly_refunded"
    if "won" in states:
        return "won"
    return "captured" if captured >= payment.amount else "partly_captured"


def shown_state(means: StoredMeans) -> PaymentState:
    """What is told of a means."""
    return "unknown" if means.unsure else means.state


def siblings(operations: Mapping[str, StoredOperation], one: StoredOperation) -> list[StoredOperation]:
    """The operations on other means that were asked for together with this one."""
    return [
        other
        for other in operations.values()
        if other.name == one.name and other.kind == one.kind and other.means != one.means
    ]
