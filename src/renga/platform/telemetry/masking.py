"""Masks numbers of payment cards in what this process tells: log lines, tracebacks, records of the standard library."""

import logging
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

from renga.kernel.card_numbers import mask_cards
from renga.kernel.card_schemes import DIGITS_MIN

#: Of a value's parts, so deep.
DEPTH_MAX = 6
#: The least whole number of as many digits as a card's.
_LEAST = 10 ** (DIGITS_MIN - 1)


def mask_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: masks the values, so that what is rendered of them stays well formed."""
    for key, value in event.items():
        if isinstance(value, str):
            if len(value) >= DIGITS_MIN:
                event[key] = mask_cards(value)
        elif not isinstance(value, _AS_THEY_ARE):
            event[key] = masked_value(value)
    return event


#: Fractions and flags have none; what an error says is masked when its text is made. Keys are our own words.
_AS_THEY_ARE = (bool, float, BaseException, tuple, type(None))


def masked_value(value: Any, depth: int = DEPTH_MAX) -> Any:
    """The value with its texts masked; a whole number with a card's digits becomes a text."""
    if isinstance(value, str):
        return mask_cards(value)
    if isinstance(value, bytes):
        masked = mask_cards(text := value.decode("latin-1"))
        return value if masked == text else masked
    if isinstance(value, int):
        if abs(value) < _LEAST:
            return value
        masked = mask_cards(text := str(value))
        return value if masked == text else masked
    if depth and isinstance(value, Mapping):
        return {masked_value(key, depth - 1): masked_value(one, depth - 1) for key, one in value.items()}
    if depth and isinstance(value, (list, tuple, set, frozenset)):
        return [masked_value(one, depth - 1) for one in value]
    return value


class MaskedRenderer:
    """Masks the line that another structlog renderer made: tracebacks, and values that only their own text shows."""

    def __init__(self, renderer: Any) -> None:
        self._renderer = renderer

    def __call__(self, logger: Any, name: str, event: MutableMapping[str, Any]) -> Any:
        line = self._renderer(logger, name, event)
        return mask_cards(line) if isinstance(line, str) else line


class MaskingFormatter(logging.Formatter):
    """For records of the standard library, with their tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_cards(super().format(record))


def mask_crashes() -> None:
    """Tracebacks of what nothing caught, of the main thread and of others, go to stderr masked."""

    def hook(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        sys.stderr.write(mask_cards("".join(traceback.format_exception(kind, error, trace))))

    def of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            hook(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook, threading.excepthook = hook, of_thread
