"""The error of a request that has the number of a card in it."""

from renga.kernel.card_numbers import CardNumberGiven, mask_cards

FIELD_CHARACTERS_MAX = 200


class CardNumberRefused(CardNumberGiven):
    """The request has what looks like the number of a payment card, in ``field``. Nothing of it was kept or done. Card data
    goes to the payment provider only, from its own field or page."""

    code = "card_number_refused"
    title = "Card numbers are not taken here"

    def __init__(self, field: str) -> None:
        shown = mask_cards(field[:FIELD_CHARACTERS_MAX]).encode(errors="replace").decode()
        super().__init__(
            f"{shown} has what looks like a card's number; nothing was kept. Card data goes to the payment provider only",
            field=shown,
        )
