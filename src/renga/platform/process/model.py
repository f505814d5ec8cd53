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


class Lease(msgspec.Struct, frozen=True):
    """What a step knows of its process. ``fence`` grows with every worker; hand it on to who can refuse an older one."""

    key: str
    fence: int
    state: State


class Done(msgspec.Struct, frozen=True):
    """The step is done: ``state`` is merged over the process's, ``effect`` commits together with the progress."""

    state: State = {}
    effect: Effect | None = None


class Step(msgspec.Struct, frozen=True):
    """``do`` and ``undo`` must be idempotent: after a crash before the commit they are called again."""

    name: str
    do: Callable[[Lease], Awaitable[Done]]
    undo: Callable[[Lease], Awaitable[Done]] | None = None


class Definition(msgspec.Struct, frozen=True):
    """Steps in their order. Waits between attempts double from ``retry_wait_ms`` up to ``retry_wait_max_ms``."""

    name: str
    steps: tuple[Step, ...]
    attempts_max: int = 5
    retry_wait_ms: int = 500
    retry_wait_max_ms: int = 60_000
    lease_ms: int = 30_000


def crash_points(definition: Definition) -> tuple[str, ...]:
    """Every name that the worker gives to its ``crash_point`` hook, in order: what a test enumerates."""
    return tuple(
        f"{step.name}.{when}_{way}"
        for way in ("do", "undo")
        for step in (definition.steps if way == "do" else reversed(definition.steps))
        if way == "do" or step.undo is not None
        for when in ("before", "after", "committed")
    )
