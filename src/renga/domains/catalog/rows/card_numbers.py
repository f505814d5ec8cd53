"""Pure: refuses a product's row with the number of a payment card in a text; skus, GTINs and outer ids are exempt."""

from collections.abc import Mapping
from typing import Any

import msgspec

from renga.domains.catalog.contract import AttributeValue, CardNumberInRow, PricePoint, ScheduledPrice, Variant
from renga.kernel.card_numbers import find_cards
from renga.kernel.identifiers import Identifier
from renga.platform.cards.members import card_in_row


class IdentifiedRow(msgspec.Struct, frozen=True, kw_only=True):
    """What of a row may be an identifier or an amount; every other member is text."""

    id: Identifier
    external_id: Identifier
    variants: tuple[Variant, ...]
    scheduled: tuple[ScheduledPrice, ...]
    history: tuple[PricePoint, ...]
    attributes: dict[str, AttributeValue]


def check_row(row: Mapping[str, Any]) -> None:
    """Raises CardNumberInRow."""
    if _may_have_one(row):
        field = card_in_row(row, IdentifiedRow)
        if field is not None:
            raise CardNumberInRow([(field[:FIELD_CHARACTERS_MAX], "has what looks like a card's number")])


FIELD_CHARACTERS_MAX = 200


def _may_have_one(row: Mapping[str, Any]) -> bool:
    """The whole row at once: nearly none has a number, and to walk through it takes longer."""
    try:
        text = msgspec.json.encode(row).decode()
    except (ValueError, TypeError, OverflowError, RecursionError):
        return True  # what no JSON can hold: half a character, deeper than it may be
    return next(find_cards(text), None) is not None
