"""What an attempt keeps to tell its callers."""

from typing import Any

import msgspec

from renga.kernel.error_wire import ErrorWire, from_wire, to_wire
from renga.kernel.errors import RengaError


def refusal_of(error: RengaError) -> dict[str, Any]:
    """The attempt has failed with this error."""
    return {"error": msgspec.to_builtins(to_wire(error))}


def action_of(url: str) -> dict[str, Any]:
    """The buyer has to open this address."""
    return {"url": url}


def raise_refusal(answer: dict[str, Any] | None) -> None:
    """Raises what the attempt has failed with, if it has."""
    if answer is not None and (error := answer.get("error")) is not None:
        raise from_wire(msgspec.convert(error, ErrorWire))
