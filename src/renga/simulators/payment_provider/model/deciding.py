"""Authorise, capture, void, refund: pure decisions on one payment. A ProviderProblem says that nothing happened."""

from msgspec.structs import replace

from renga.simulators.payment_provider.model.card_numbers import REFUSING
from renga.simulators.payment_provider.model.charge import (
    CAPTURES_MAX,
    REFUNDS_MAX,
    CapturedPart,
    Charge,
    ChargeChange,
    LogMove,
    OutgoingEvent,
    ProviderProblem,
    RefundPart,
)
from renga.simulators.payment_provider.model.fees import FeeTable, capture_lines, plain_line
from renga.simulators.payment_provider.model.timing import Timing


def authorised(charge: Charge, now_ms: int, new_id: str, fees: FeeTable, timing: Timing) -> ChargeChange:
    """What the card says: refused, a challenge, authorised, or (``capture``) captured at once."""
    if charge.behaviour in REFUSING:
        return refused(charge, now_ms, charge.behaviour)
    if charge.state == "action_needed":
        waiting = replace(charge, expires_ms=now_ms + timing.challenge_ms)
        move = LogMove(kind="authorise", amount=charge.amount, outcome="action_needed")
        return ChargeChange(charge=waiting, outcome="action_needed", moves=(move,))
    return approved(charge, now_ms, new_id, fees, timing)


def refused(charge: Charge, now_ms: int, reason: str) -> ChargeChange:
    """The payment exists, and no money moves."""
    closed = replace(charge, state="refused", reason=reason, changed_ms=now_ms)
    move = LogMove(kind="authorise", amount=charge.amount, outcome="refused", reason=reason)
    events = (OutgoingEvent(type="payment.refused"),)
    return ChargeChange(charge=closed, outcome="refused", reason=reason, moves=(move,), events=events)


def approved(charge: Charge, now_ms: int, new_id: str, fees: FeeTable, timing: Timing) -> ChargeChange:
    """The card's bank agreed."""
    life = timing.short_life_ms if charge.behaviour == "expires_soon" else timing.life_ms
    until_ms = now_ms + life if charge.amount else None
    held = replace(charge, state="authorised", authorised_until_ms=until_ms, changed_ms=now_ms)
    move = LogMove(kind="authorise", amount=charge.amount)
    if not charge.capture:
        return ChargeChange(charge=held, moves=(move,), events=(OutgoingEvent(type="payment.authorised"),))
    taken = captured(held, None, True, now_ms, new_id, fees, timing)
    return replace(taken, moves=(move, *taken.moves))


def captured(
    charge: Charge, amount: int | None, final: bool, now_ms: int, new_id: str, fees: FeeTable, timing: Timing
) -> ChargeChange:
    """Money is taken: all that is left, or ``amount``; ``final`` releases the rest."""
    if charge.method != "card":
        raise ProviderProblem(409, "method_unavailable", "only cards are captured", payment=charge)
    if charge.state != "authorised":
        raise wrong_state(charge, "captured")
    if amount is None:
        amount = charge.capturable
    if not 1 <= amount <= charge.capturable:
        raise exceeded("capture", charge.capturable)
    if len(charge.captures) >= CAPTURES_MAX:
        raise ProviderProblem(409, "too_many_captures", f"a payment is captured at most {CAPTURES_MAX} times")
    if charge.behaviour == "capture_refused":
        move = LogMove(kind="capture", amount=amount, outcome="refused", reason="capture_refused")
        return ChargeChange(charge=charge, outcome="refused", reason="capture_refused", moves=(move,))
    return took(charge, CapturedPart(id=new_id, amount=amount, at_ms=now_ms), final, fees, timing)


def took(charge: Charge, part: CapturedPart, final: bool, fees: FeeTable, timing: Timing) -> ChargeChange:
    """The payment after money was taken."""
    whole = final or charge.captured + part.amount >= charge.amount
    dispute_at = part.at_ms + timing.dispute_ms if charge.behaviour == "dispute" and not charge.captures else None
    after = replace(
        charge,
        state="captured" if whole else "authorised",
        captures=(*charge.captures, part),
        changed_ms=part.at_ms,
        dispute_at_ms=dispute_at or charge.dispute_at_ms,
        reason=None,
    )
    return ChargeChange(
        charge=after,
        moves=(LogMove(kind="capture", amount=part.amount, part=part.id),),
        lines=capture_lines(after, part, fees),
        events=(OutgoingEvent(type="payment.captured"),),
    )


def voided(charge: Charge, now_ms: int) -> ChargeChange:
    """What is held, or not paid yet, is released. A payment that is voided already stays so."""
    if charge.state == "voided":
        return ChargeChange(charge=charge)
    if charge.state not in ("authorised", "pending", "action_needed"):
        raise wrong_state(charge, "voided")
    left = charge.amount - charge.captured
    after = replace(charge, state="captured" if charge.captures else "voided", changed_ms=now_ms)
    return ChargeChange(
        charge=after,
        moves=(LogMove(kind="void", amount=left),),
        events=(OutgoingEvent(type="payment.voided" if not charge.captures else "payment.released"),),
    )


def refund(
    charge: Charge, amount: int | None, now_ms: int, new_id: str, timing: Timing, *, reason: str = "", name: str | None = None,
    part: str | None = None, key: str | None = None,
) -> ChargeChange:  # fmt: skip
    """Money goes back: at once, later (pending), or not at all."""
    if not charge.captures:
        raise wrong_state(charge, "refunded")
    if amount is None:
        amount = charge.refundable
    if not 1 <= amount <= charge.refundable:
        raise exceeded("refund", charge.refundable)
    if len(charge.refunds) >= REFUNDS_MAX:
        raise ProviderProblem(409, "too_many_refunds", f"a payment is refunded at most {REFUNDS_MAX} times")
    if charge.behaviour == "refund_refused":
        move = LogMove(kind="refund", amount=amount, outcome="refused", reason="refund_refused")
        return ChargeChange(charge=charge, outcome="refused", reason="refund_refused", moves=(move,))
    waits = charge.behaviour in ("refund_pending", "refund_fails")
    made = RefundPart(
        id=new_id, amount=amount, state="pending", at_ms=now_ms, reason=reason, name=name, part=part, key=key,
        due_ms=now_ms + timing.refund_ms, will_fail=charge.behaviour == "refund_fails",
    )  # fmt: skip
    waiting = replace(charge, refunds=(*charge.refunds, made), changed_ms=now_ms)
    if not waits:
        return refund_ended(waiting, made, True, now_ms)
    move = LogMove(kind="refund", amount=amount, outcome="pending", part=new_id)
    return ChargeChange(
        charge=waiting, outcome="pending", moves=(move,), events=(OutgoingEvent(type="refund.pending"),)
    )


def refund_ended(charge: Charge, made: RefundPart, good: bool, now_ms: int) -> ChargeChange:
    """A refund arrives, or fails; its line is in the settlement of that day."""
    ended = replace(made, state="succeeded" if good else "failed", due_ms=None, ended_ms=now_ms)
    refunds = tuple(ended if one.id == made.id else one for one in charge.refunds)
    after = replace(charge, refunds=refunds, changed_ms=now_ms)
    move = LogMove(kind="refund", amount=made.amount, outcome="accepted" if good else "failed", part=made.id)
    lines = (plain_line(made.id, now_ms, "refund", -made.amount),) if good else ()
    events = (OutgoingEvent(type="payment.refunded" if good else "refund.failed"),)
    return ChargeChange(charge=after, moves=(move,), lines=lines, events=events)


def wrong_state(charge: Charge, wish: str) -> ProviderProblem:
    return ProviderProblem(
        409,
        "payment_state",
        f"a payment in the state {charge.state} cannot be {wish}",
        state=charge.state,
        payment=charge,
    )


def exceeded(what: str, left: int) -> ProviderProblem:
    return ProviderProblem(
        422, f"{what}_exceeds", f"this is not between 1 and the {left} that are left to {what}", left=left
    )
