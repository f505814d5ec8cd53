"""Faults on demand: the next ones by name, or at random by a seed. What is drawn survives a restart."""

import random
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from renga.simulators.payment_provider.model.card_numbers import Behaviour
from renga.simulators.payment_provider.storage.records import RecordStore

FaultName = Literal[
    "timeout_before", "timeout_after", "error_before", "error_after", "webhook_lost", "webhook_twice", "webhook_late",
    "webhook_before", "refund_pending", "refund_refused", "refund_fails", "capture_refused",
]  # fmt: skip
NEXT_MAX = 1_000
_FACT = "faults"
_Part = Annotated[float, Meta(ge=0, le=1)]


class FaultPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Probabilities between 0 and 1. ``timeout`` and ``error`` happen before or after acting, by chance or as ``when`` says;
    ``next`` is used up first, one for each request. ``drawn`` counts the requests since the plan was set.
    """

    seed: str | int = 0
    timeout: _Part = 0.0
    error: _Part = 0.0
    webhook_lost: _Part = 0.0
    webhook_twice: _Part = 0.0
    webhook_late: _Part = 0.0
    webhook_before: _Part = 0.0
    slow_ms: Annotated[int, Meta(ge=0, le=60_000)] = 0
    hang_s: Annotated[float, Meta(ge=0, le=600)] | None = None
    when: Literal["before", "after", "either"] = "either"
    next: Annotated[tuple[FaultName, ...], Meta(max_length=NEXT_MAX)] = ()
    drawn: int = 0


class DrawnFault(msgspec.Struct, frozen=True):
    """What goes wrong with one request."""

    slow_ms: int = 0
    hang_s: float | None = None
    timeout: Literal["before", "after"] | None = None
    error: Literal["before", "after"] | None = None
    webhook: str | None = None
    behaviour: Behaviour | None = None


NO_FAULT = DrawnFault()
_BEHAVIOURS: frozenset[str] = frozenset({"refund_pending", "refund_refused", "refund_fails", "capture_refused"})


class Faults:
    """The plan of this provider. ``draw`` belongs inside a transaction."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        kept = records.fact(_FACT)
        self.plan = msgspec.json.decode(kept, type=FaultPlan) if kept else FaultPlan()
        self.active = self.plan != FaultPlan()

    def set(self, plan: FaultPlan) -> None:
        """From now on this plan; an empty one ends all faults."""
        self._keep(msgspec.structs.replace(plan, drawn=0))

    def draw(self) -> DrawnFault:
        """What happens to this request. Its number and the seed decide, so the same requests meet the same faults."""
        plan = self.plan
        if plan.next:
            self._keep(msgspec.structs.replace(plan, next=plan.next[1:]))
            return _named(plan.next[0], plan)
        self._keep(msgspec.structs.replace(plan, drawn=plan.drawn + 1))
        return _random(plan)

    def _keep(self, plan: FaultPlan) -> None:
        self._records.keep_fact(_FACT, msgspec.json.encode(plan).decode())
        self.plan = plan
        self.active = msgspec.structs.replace(plan, drawn=0) != FaultPlan()


def _named(name: FaultName, plan: FaultPlan) -> DrawnFault:
    if name in _BEHAVIOURS:
        return DrawnFault(behaviour=name)  # type: ignore[arg-type] # these names are behaviours, too
    if name.startswith("webhook"):
        return DrawnFault(webhook=name)
    kind, _, when = name.partition("_")
    return msgspec.convert({kind: when, "hang_s": plan.hang_s}, DrawnFault)


def _random(plan: FaultPlan) -> DrawnFault:
    chance = random.Random(f"{plan.seed}:{plan.drawn}")
    when: Literal["before", "after"] = "after" if chance.random() < 0.5 else "before"
    if plan.when != "either":
        when = plan.when
    webhook = None
    for name in ("webhook_lost", "webhook_twice", "webhook_late", "webhook_before"):
        if chance.random() < getattr(plan, name) and webhook is None:
            webhook = name
    timeout = when if chance.random() < plan.timeout else None
    error = when if chance.random() < plan.error and timeout is None else None
    return DrawnFault(plan.slow_ms, plan.hang_s, timeout, error, webhook)
