"""A payment provider in memory that is right about idempotency keys, and whose faults a test scripts."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from renga.domains.payments.contract.errors import ProviderAway
from renga.domains.payments.contract.payments import BoletoCharge, BuyerAction, CardSummary, DeclineReason, PixCharge
from renga.domains.payments.model.records import ProviderDispute
from renga.domains.payments.ports.provider import (
    Authorise,
    Capabilities,
    Capture,
    Inquiry,
    MethodCapabilities,
    Outcome,
    ProviderEvent,
    ProviderRecord,
    Refund,
    SettlementFile,
    Void,
)

#: What happens to the next call of a kind: it hangs or fails before or after acting, or decides otherwise.
Fault = Literal[
    "hang_before", "hang_after", "unknown_before", "unknown_after", "raise_after", "refuse", "action_needed", "pending"
]
Order = Authorise | Capture | Void | Refund
CARD = MethodCapabilities(
    captures="many", partial_capture=True, instalments_max=12, saved=True, disputes=True, authorisation_life_s=604_800
)
PIX = MethodCapabilities(captures="none", asynchronous=True, currencies=frozenset({"BRL"}))
BOLETO = MethodCapabilities(captures="none", asynchronous=True, refunds="none", currencies=frozenset({"BRL"}))
_replace = msgspec.structs.replace


@dataclass
class ScriptedProvider:
    """Implements ``ports.provider.PaymentProvider``. ``script(kind, fault, …)`` sets the faults of the next calls of a kind.

    ``calls`` are all orders in their order; ``answers`` what each key was answered; ``records`` the truth, by the provider's id.
    """

    name: str = "sim"
    methods: dict[Any, MethodCapabilities] = field(default_factory=lambda: {"card": CARD, "pix": PIX, "boleto": BOLETO})
    calls: list[tuple[str, Order]] = field(default_factory=list)
    answers: dict[str, Outcome] = field(default_factory=dict)
    truth: dict[str, ProviderRecord] = field(default_factory=dict)
    away: bool = False
    removed: list[str] = field(default_factory=list)
    events: list[ProviderEvent] = field(default_factory=list)
    _faults: dict[str, deque[tuple[Fault, DeclineReason | None]]] = field(default_factory=dict)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            methods=self.methods, tokens_url="https://sim.example/tokens", frame_url="https://sim.example/frame"
        )

    def script(self, kind: str, *faults: Fault, reason: DeclineReason | None = None) -> None:
        """The next calls of this kind fail so, one after the other; then calls are right again."""
        self._faults.setdefault(kind, deque()).extend((fault, reason) for fault in faults)

    def count(self, kind: str) -> int:
        """How many calls of a kind came, repeated ones included."""
        return sum(1 for one, _ in self.calls if one == kind)

    @property
    def taken(self) -> int:
        """All money that was captured, minus what was given back."""
        return sum(one.captured - one.refunded for one in self.truth.values())

    async def authorise(self, order: Authorise) -> Outcome:
        return await self._ask("authorise", order)

    async def capture(self, order: Capture) -> Outcome:
        return await self._ask("capture", order)

    async def void(self, order: Void) -> Outcome:
        return await self._ask("void", order)

    async def refund(self, order: Refund) -> Outcome:
        return await self._ask("refund", order)

    async def _ask(self, kind: str, order: Order) -> Outcome:
        self.calls.append((kind, order))
        if order.key in self.answers:
            return self._present(self.answers[order.key])
        faults = self._faults.get(kind)
        fault, reason = faults.popleft() if faults else (None, None)
        if fault in {"hang_before", "unknown_before"}:
            return await self._silent(fault)
        decided = fault if fault in {"refuse", "action_needed", "pending"} else None
        outcome = self.answers[order.key] = self._act(order, decided, reason)
        if fault in {"hang_after", "unknown_after"}:
            return await self._silent(fault)
        if fault == "raise_after":
            raise RuntimeError("the adapter is broken")
        return outcome

    def _present(self, outcome: Outcome) -> Outcome:
        """A repeated call is answered as the first, with the payment as it is now."""
        if outcome.record is None:
            return outcome
        return _replace(outcome, record=self.truth[outcome.record.ref])

    @staticmethod
    async def _silent(fault: str) -> Outcome:
        if fault.startswith("hang"):
            await asyncio.sleep(3600)
        return Outcome(kind="unknown", detail="scripted")

    def _act(self, order: Order, fault: str | None, reason: DeclineReason | None) -> Outcome:
        if isinstance(order, Authorise):
            return self._authorise(order, fault, reason)
        record = self.truth[order.ref]
        if fault == "refuse":
            return Outcome(kind="refused", reason=reason or "provider_error", record=record)
        if fault == "pending":
            return Outcome(kind="pending", record=record)
        changed = self._changed(order, record)
        if changed is None:
            return Outcome(kind="refused", reason="amount_invalid", record=record)
        self.truth[order.ref] = changed
        return Outcome(kind="accepted", record=changed)

    @staticmethod
    def _changed(order: Order, record: ProviderRecord) -> ProviderRecord | None:
        """The record after it; None: it cannot be done."""
        if isinstance(order, Capture):
            total = record.captured + order.amount.amount
            if record.state != "authorised" or total > record.amount.amount:
                return None
            over = order.final or total == record.amount.amount
            return _replace(record, captured=total, state="captured" if over else "authorised")
        if isinstance(order, Void):
            if record.state not in {"action_needed", "pending", "authorised"}:
                return None
            return _replace(record, state="captured" if record.captured else "voided")
        assert isinstance(order, Refund)
        total = record.refunded + order.amount.amount
        return None if total > record.captured else _replace(record, refunded=total)

    def _authorise(self, order: Authorise, fault: str | None, reason: DeclineReason | None) -> Outcome:
        ref = f"{self.name}_{len(self.truth) + 1}"
        record = ProviderRecord(
            ref=ref, state="authorised", amount=order.amount, key=order.key, method=order.method,
            instalments=order.instalments, saved_ref=f"pm_{ref}" if order.save else None,
        )  # fmt: skip
        if order.method == "card":
            record = _replace(record, card=CardSummary(brand="visa", last4="4242"))
        if fault == "refuse":
            self.truth[ref] = _replace(record, state="refused", refusal=reason or "card_declined")
            return Outcome(kind="refused", reason=reason or "card_declined", record=self.truth[ref])
        if fault == "action_needed":
            record = _replace(record, state="action_needed", action=BuyerAction(url=f"https://sim.example/3ds/{ref}"))
            self.truth[ref] = record
            return Outcome(kind="action_needed", record=record)
        if self.methods[order.method].asynchronous or fault == "pending":
            self.truth[ref] = _replace(self._charged(record), state="pending")
            return Outcome(kind="pending", record=self.truth[ref])
        self.truth[ref] = record
        return Outcome(kind="accepted", record=record)

    @staticmethod
    def _charged(record: ProviderRecord) -> ProviderRecord:
        if record.method == "pix":
            charge = PixCharge(
                id=record.ref, payload=f"00020126{record.ref}6304ABCD", expires_at="2030-01-01T00:00:00Z"
            )
            return _replace(record, pix=charge)
        if record.method == "boleto":
            line = BoletoCharge(id=record.ref, line="0" * 47, barcode="0" * 44, due_on="2030-01-01")
            return _replace(record, boleto=line)
        return record

    # What happens at the provider without us.

    def change(self, ref: str, **members: Any) -> ProviderRecord:
        """The truth becomes another one, as if somebody had done it there."""
        self.truth[ref] = _replace(self.truth[ref], **members)
        return self.truth[ref]

    def paid(self, ref: str) -> ProviderRecord:
        """The buyer pays a Pix or boleto."""
        return self.change(ref, state="captured", captured=self.truth[ref].amount.amount)

    def disputed(self, ref: str, state: Literal["opened", "won", "lost"], *, amount: int) -> ProviderRecord:
        one = ProviderDispute(id=f"dp_{ref}", state=state, amount=amount, reason="fraudulent")
        return self.change(ref, disputes=(one,))

    def forgive(self) -> None:
        """No more faults; refunds that were pending are done as far as there is money."""
        self._faults.clear()
        for kind, order in self.calls:
            answer = self.answers.get(order.key)
            if kind == "refund" and answer is not None and answer.kind == "pending":
                changed = self._changed(order, self.truth[order.ref])  # type: ignore[union-attr]
                if changed is not None:
                    self.truth[changed.ref] = changed
                state: Literal["accepted", "refused"] = "refused" if changed is None else "accepted"
                self.answers[order.key] = _replace(answer, kind=state)

    # Questions.

    async def find(self, inquiry: Inquiry) -> Outcome | None:
        if self.away:
            raise ProviderAway()
        answer = self.answers.get(inquiry.key)
        return None if answer is None else self._present(answer)

    async def read(self, ref: str, method: str) -> ProviderRecord | None:
        if self.away:
            raise ProviderAway()
        return self.truth.get(ref)

    def verify(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> Sequence[ProviderEvent]:
        """The events that the test put into ``events``, whose ids the body names with commas."""
        wanted = body.decode().split(",")
        return [one for one in self.events if one.id in wanted]

    async def records(self, day: str) -> AsyncIterator[ProviderRecord]:
        for record in list(self.truth.values()):
            yield record

    async def settlement(self, day: str) -> SettlementFile | None:
        return None

    async def remove_saved(self, saved_ref: str) -> None:
        if self.away:
            raise ProviderAway()
        self.removed.append(saved_ref)

    async def close(self) -> None:
        return None
