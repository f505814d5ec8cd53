"""A process as data: its steps, the results of a step, and every point where a worker may crash."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from renga.kernel.errors import Conflict

#: A step's write in the transaction of its progress, given that transaction's connection.
Effect = Callable[[Any], Awaitable[None]]
State = dict[str, Any]


class FenceLost(Conflict):
    """Another worker has taken over the process; this worker's outcome was not written."""

    code = "process_fence_lost"
    title = "Another worker has taken the process over"


class StepFailed(Conflict):
    """Raised by a step if the process cannot succeed: the steps done so far are undone in reverse order."""

    code = "process_step_failed"
    title = "A step of the process has failed for good"


class SignalsFull(Conflict):
    """The process already has SIGNALS_MAX signals that it has not consumed."""

    code = "process_signals_full"
    title = "The process has too many signals that it has not taken"


class Signal(msgspec.Struct, frozen=True):
    """A message to a process. ``id`` is chosen by the sender: the same id again is the same signal."""

    id: str
    name: str
    payload: State


class Woken(msgspec.Struct, frozen=True):
    """Why a waiting step is called again: ``signal``, or (None) because its time has come."""

    signal: Signal | None = None


class Lease(msgspec.Struct, frozen=True):
    """A step's view of its process. ``fence`` grows with every worker; pass it to services that can refuse an older one.

    ``process_id`` is the address of signals. ``woken`` is set if the step had returned ``Wait``.
    """

    key: str
    fence: int
    state: State
    process_id: int = 0
    woken: Woken | None = None


class Done(msgspec.Struct, frozen=True):
    """The step is done: ``state`` is merged into the process's state, ``effect`` commits together with the progress."""

    state: State = {}
    effect: Effect | None = None


class Wait(msgspec.Struct, frozen=True):
    """The step is not done: it is called again at ``until_ms``, or as soon as it has ``signal`` (which may have arrived before).

    Meanwhile no worker has a lease. ``state`` and ``effect`` are as in ``Done``. Without ``signal`` only the time counts.
    """

    until_ms: int
    signal: str = ""
    state: State = {}
    effect: Effect | None = None


class Step(msgspec.Struct, frozen=True):
    """``do`` and ``undo`` must be idempotent: after a crash before the commit they are called again with the same ``woken``."""

    name: str
    do: Callable[[Lease], Awaitable[Done | Wait]]
    undo: Callable[[Lease], Awaitable[Done]] | None = None


class Definition(msgspec.Struct, frozen=True):
    """Steps in their order. Waits between attempts double from ``retry_wait_ms`` up to ``retry_wait_max_ms``.

    A call of a step is cancelled after ``lease_ms``: by then another worker may have the process.
    """

    name: str
    steps: tuple[Step, ...]
    attempts_max: int = 5
    retry_wait_ms: int = 500
    retry_wait_max_ms: int = 60_000
    lease_ms: int = 30_000


#: Every name that ``signal`` passes to the ``crash_point`` hook, in order.
SIGNAL_CRASH_POINTS = ("signal.before", "signal.written", "signal.committed")


def crash_points(definition: Definition) -> tuple[str, ...]:
    """Every name that the worker passes to its ``crash_point`` hook, in order, for tests to enumerate."""
    return (
        "claimed",
        *(
            f"{step.name}.{when}_{way}"
            for way in ("do", "undo")
            for step in (definition.steps if way == "do" else reversed(definition.steps))
            if way == "do" or step.undo is not None
            for when in ("before", "after", "committed", *(("waiting",) if way == "do" else ()))
        ),
    )
