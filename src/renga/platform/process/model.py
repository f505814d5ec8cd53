"""A process as data: its steps, what a step may answer, and every point where a worker may die."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from renga.kernel.errors import Conflict

#: What a step hands back to be written in the transaction of its progress, with that transaction's connection.
Effect = Callable[[Any], Awaitable[None]]
State = dict[str, Any]


class FenceLost(Conflict):
    """Another worker has taken the process over; this one's outcome was not written."""

    code = "process_fence_lost"
    title = "Another worker has taken the process over"


class StepFailed(Conflict):
    """A step says that the process cannot succeed: the steps done so far are undone, the last one first."""

    code = "process_step_failed"
    title = "A step of the process has failed for good"


class SignalsFull(Conflict):
    """The process has not taken the signals that it was sent: it has SIGNALS_MAX of them."""

    code = "process_signals_full"
    title = "The process has too many signals that it has not taken"


class Signal(msgspec.Struct, frozen=True):
    """What somebody told a process. ``id`` is the sender's: the same id again is the same signal."""

    id: str
    name: str
    payload: State


class Woken(msgspec.Struct, frozen=True):
    """Why a step that waited is called again: by ``signal``, or (None) because its time came."""

    signal: Signal | None = None


class Lease(msgspec.Struct, frozen=True):
    """What a step knows of its process. ``fence`` grows with every worker; hand it on to who can refuse an older one.

    ``process_id`` is what a signal is addressed to. ``woken`` is set when the step had answered ``Wait``.
    """

    key: str
    fence: int
    state: State
    process_id: int = 0
    woken: Woken | None = None


class Done(msgspec.Struct, frozen=True):
    """The step is done: ``state`` is merged over the process's, ``effect`` commits together with the progress."""

    state: State = {}
    effect: Effect | None = None


class Wait(msgspec.Struct, frozen=True):
    """The step is not done: it is called again at ``until_ms``, or as soon as ``signal`` is there (also one that came before).

    Meanwhile no worker holds a lease. ``state`` and ``effect`` are as in ``Done``. Without ``signal`` it waits for the time.
    """

    until_ms: int
    signal: str = ""
    state: State = {}
    effect: Effect | None = None


class Step(msgspec.Struct, frozen=True):
    """``do`` and ``undo`` must be idempotent: after a crash before the commit they are called again, for the same reason."""

    name: str
    do: Callable[[Lease], Awaitable[Done | Wait]]
    undo: Callable[[Lease], Awaitable[Done]] | None = None


class Definition(msgspec.Struct, frozen=True):
    """Steps in their order. Waits between attempts double from ``retry_wait_ms`` up to ``retry_wait_max_ms``.

    A call of a step is given up after ``lease_ms``: by then another worker may have the process.
    """

    name: str
    steps: tuple[Step, ...]
    attempts_max: int = 5
    retry_wait_ms: int = 500
    retry_wait_max_ms: int = 60_000
    lease_ms: int = 30_000


#: Every name that ``signal`` gives to the ``crash_point`` hook, in order.
SIGNAL_CRASH_POINTS = ("signal.before", "signal.written", "signal.committed")


def crash_points(definition: Definition) -> tuple[str, ...]:
    """Every name that the worker gives to its ``crash_point`` hook, in order: what a test enumerates."""
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
