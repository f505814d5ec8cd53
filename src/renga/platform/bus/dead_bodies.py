"""Dead letters outlive their events and are read by people: numbers of payment cards in them are masked."""

from typing import Any

import msgspec

from renga.kernel.card_numbers import mask_cards, may_hold_card


def masked_body(body: bytes) -> bytes:
    """The message with each card's number masked, still JSON if it was."""
    if not may_hold_card(body):
        return body
    try:
        value = msgspec.json.decode(body)
        return body if (masked := _masked(value)) == value else msgspec.json.encode(masked)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = body.decode("utf-8", "surrogateescape")
        return mask_cards(text).encode("utf-8", "surrogateescape")


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_cards(value)
    if isinstance(value, dict):
        return {mask_cards(key): _masked(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_masked(one) for one in value]
    if isinstance(value, int) and not isinstance(value, bool):
        text = str(value)
        return value if mask_cards(text) == text else mask_cards(text)
    return value
