"""What happens outside the shop: a buyer pays a Pix or boleto, a bank takes money back, a dispute, time that passes."""

from msgspec.structs import replace

from renga.simulators.payment_provider.model.charge import (
    DISPUTES_MAX,
    PAYMENTS_OF_ONE_MAX,
    CapturedPart,
    Charge,
    ChargeChange,
    DisputeCase,
    DisputeStage,
    LogMove,
    OutgoingEvent,
    ProviderProblem,
    RefundPart,
)
from renga.simulators.payment_provider.model.deciding import exceeded, refund_ended, took, wrong_state
from renga.simulators.payment_provider.model.fees import FeeTable, plain_line
from renga.simulators.payment_provider.model.timing import Timing

#: How long a shop may bring evidence.
EVIDENCE_MS = 7 * 86_400_000


def paid(charge: Charge, part: CapturedPart, fees: FeeTable, timing: Timing) -> ChargeChange:
    """A buyer pays a Pix or a boleto: also after its end, after it was withdrawn, and twice."""
    if charge.method == "card":
        raise ProviderProblem(409, "payment_method", "a card is not paid this way")
    if len(charge.captures) >= PAYMENTS_OF_ONE_MAX:
        raise ProviderProblem(409, "too_many_payments", f"one charge is paid at most {PAYMENTS_OF_ONE_MAX} times")
    change = took(charge, part, True, fees, timing)
    kind = "paid" if charge.state == "pending" else "paid_again" if charge.captures else "paid_late"
    return replace(change, moves=(LogMove(kind=kind, amount=part.amount, part=part.id),))


def taken_back(charge: Charge, amount: int | None, now_ms: int, new_id: str) -> ChargeChange:
    """The payer's bank forces a refund of a Pix (MED), without asking the shop."""
    if charge.method != "pix" or not charge.captures:
        raise wrong_state(charge, "taken back by a bank")
    if amount is None:
        amount = charge.refundable
    if not 1 <= amount <= charge.refundable:
        raise exceeded("refund", charge.refundable)
    made = RefundPart(
        id=new_id,
        amount=amount,
        state="pending",
        at_ms=now_ms,
        reason="med",
        origin="bank",
        part=_part_for(charge, amount),
    )
    return refund_ended(replace(charge, refunds=(*charge.refunds, made)), made, True, now_ms)


def left_of(charge: Charge, part: CapturedPart) -> int:
    """What is left of one payment of a charge after its refunds."""
    gone = sum(one.amount for one in charge.refunds if one.part == part.id and one.state != "failed")
    return part.amount - gone


def _part_for(charge: Charge, amount: int) -> str:
    """The payment of which so much can be given back, or the last one."""
    fits = [part.id for part in charge.captures if left_of(charge, part) >= amount]
    return fits[0] if fits else charge.captures[-1].id


def disputed(charge: Charge, amount: int | None, reason: str, now_ms: int, new_id: str) -> ChargeChange:
    """A buyer disputes a payment; its money is held back."""
    if not charge.captures:
        raise wrong_state(charge, "disputed")
    if amount is None:
        amount = charge.refundable
    if not 1 <= amount <= charge.refundable:
        raise exceeded("dispute", charge.refundable)
    if len(charge.disputes) >= DISPUTES_MAX:
        raise ProviderProblem(409, "too_many_disputes", f"a payment is disputed at most {DISPUTES_MAX} times")
    case = DisputeCase(
        id=new_id, stage="opened", amount=amount, reason=reason, at_ms=now_ms, due_ms=now_ms + EVIDENCE_MS
    )
    after = replace(charge, disputes=(*charge.disputes, case), changed_ms=now_ms, dispute_at_ms=None)
    return ChargeChange(
        charge=after,
        moves=(LogMove(kind="dispute", amount=amount, part=new_id),),
        lines=(plain_line(new_id, now_ms, "dispute", -amount),),
        events=(OutgoingEvent(type="dispute.opened", dispute=new_id),),
    )


def dispute_closed(charge: Charge, dispute_id: str, stage: DisputeStage, now_ms: int) -> ChargeChange:
    """Won: the money comes back; lost: it stays away."""
    case = next((one for one in charge.disputes if one.id == dispute_id), None)
    if case is None:
        raise ProviderProblem(404, "dispute_not_found", "there is no such dispute")
    if case.stage == stage:
        return ChargeChange(charge=charge)
    if case.stage != "opened":
        raise ProviderProblem(409, "dispute_state", f"this dispute is {case.stage}")
    disputes = tuple(replace(one, stage=stage) if one.id == dispute_id else one for one in charge.disputes)
    won = stage == "won"
    return ChargeChange(
        charge=replace(charge, disputes=disputes, changed_ms=now_ms),
        moves=(LogMove(kind=f"dispute_{stage}", amount=case.amount, part=dispute_id),),
        lines=(plain_line(f"{dispute_id}_won", now_ms, "dispute_won", case.amount),) if won else (),
        events=(OutgoingEvent(type=f"dispute.{stage}", dispute=dispute_id),),
    )


def aged(charge: Charge, now_ms: int, new_id: str) -> ChargeChange | None:
    """The first thing that the clock alone has made of it; None: nothing (more) is due."""
    for made in charge.refunds:
        if made.state == "pending" and made.due_ms is not None and made.due_ms <= now_ms:
            return refund_ended(charge, made, not made.will_fail, now_ms)
    if charge.dispute_at_ms is not None and charge.dispute_at_ms <= now_ms:
        if charge.refundable < 1:
            return ChargeChange(charge=replace(charge, dispute_at_ms=None))
        return disputed(charge, None, "fraudulent", now_ms, new_id)
    due = charge.authorised_until_ms if charge.state == "authorised" else charge.expires_ms
    if charge.state in ("authorised", "pending", "action_needed") and due is not None and due <= now_ms:
        return _expired(charge, now_ms)
    return None


def _expired(charge: Charge, now_ms: int) -> ChargeChange:
    state, event, reason = "expired", "payment.expired", "expired"
    if charge.captures:
        state, event, reason = "captured", "payment.released", ""
    elif charge.state == "action_needed":
        state, event, reason = "refused", "payment.refused", "challenge_expired"
    after = replace(charge, state=state, reason=reason or None, changed_ms=now_ms)
    return ChargeChange(
        charge=after,
        moves=(LogMove(kind="expire", amount=charge.amount - charge.captured),),
        events=(OutgoingEvent(type=event),),
    )
