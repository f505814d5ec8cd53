"""Any error of the tree as a plain value and back to its class, to send errors between processes.

A class is identified by its ``code`` and, where two classes share a code, also by its name. A receiver without a class for
the code gets the nearest class of ``renga.kernel.errors``, with the sender's code kept.
"""

from typing import Any

import msgspec

from renga.kernel import errors
from renga.kernel.errors import RengaError

_KERNEL = errors.__name__
_OWN = frozenset({"code", "detail", "extra", "retry_after_s"})


class ErrorWire(msgspec.Struct, frozen=True, kw_only=True):
    """``kind`` is the code of the nearest class of the kernel; ``attributes`` are the error's other scalar members."""

    code: str
    name: str
    kind: str
    detail: str
    extra: dict[str, Any] = {}
    retry_after_s: int | None = None
    attributes: dict[str, str | int | bool | None] = {}


def to_wire(error: RengaError) -> ErrorWire:
    """The error as a value of JSON's types. Raises TypeError for an ``extra`` that JSON cannot hold."""
    kind = next(cls for cls in type(error).__mro__ if cls.__module__ == _KERNEL and issubclass(cls, RengaError))
    rest = {
        name: value
        for name, value in vars(error).items()
        if name not in _OWN and not name.startswith("_") and isinstance(value, str | int | bool | None)
    }
    return ErrorWire(
        code=error.code,
        name=type(error).__name__,
        kind=kind.code,
        detail=error.detail,
        extra=msgspec.to_builtins(error.extra),
        retry_after_s=getattr(error, "retry_after_s", None),
        attributes=rest,
    )


def from_wire(wire: ErrorWire) -> RengaError:
    """The error as its class. For an unknown code: the class of its ``kind``, else RengaError, with ``code`` kept."""
    known = registry()
    cls = known.get((wire.code, wire.name)) or next((c for (code, _), c in known.items() if code == wire.code), None)
    cls = cls or next((c for (code, _), c in known.items() if code == wire.kind), RengaError)
    error = cls.__new__(cls)  # its own initialiser may need arguments that were not sent
    Exception.__init__(error, wire.detail)
    state: dict[str, Any] = {**wire.attributes, "detail": wire.detail, "extra": dict(wire.extra)}
    if wire.retry_after_s is not None:
        state["retry_after_s"] = wire.retry_after_s
    if cls.code != wire.code:
        state["code"] = wire.code
    vars(error).update(state)
    return error


def registry() -> dict[tuple[str, str], type[RengaError]]:
    """Every loaded error class by code and name, base classes first."""
    found: dict[tuple[str, str], type[RengaError]] = {}
    waiting: list[type[RengaError]] = [RengaError]
    while waiting:
        cls = waiting.pop(0)
        found.setdefault((cls.code, cls.__name__), cls)
        waiting += cls.__subclasses__()
    return found
