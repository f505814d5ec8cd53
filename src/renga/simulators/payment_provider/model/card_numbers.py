"""The card numbers that this provider knows, and what each does. ``docs/guides/test-provider.md`` has the same table."""

from typing import Literal

import msgspec

Behaviour = Literal[
    "approved", "card_declined", "insufficient_funds", "lost_card", "stolen_card", "expired_card", "incorrect_cvc",
    "processing_error", "limit_exceeded", "challenge", "challenge_declined", "expires_soon", "capture_refused",
    "refund_refused", "refund_pending", "refund_fails", "dispute", "timeout_after", "error_first", "webhook_lost",
    "webhook_twice", "webhook_late", "webhook_before",
]  # fmt: skip

#: Behaviours that refuse the authorisation, whose names are the reasons.
REFUSING = frozenset(
    {
        "card_declined", "insufficient_funds", "lost_card", "stolen_card", "expired_card", "incorrect_cvc",
        "processing_error", "limit_exceeded",
    }
)  # fmt: skip
#: Behaviours of the provider's messages.
WEBHOOK_FATES = frozenset({"webhook_lost", "webhook_twice", "webhook_late", "webhook_before"})

NUMBERS: dict[str, Behaviour] = {
    "4242424242424242": "approved",
    "4000056655665556": "approved",
    "5555555555554444": "approved",
    "2223003122003222": "approved",
    "5200828282828210": "approved",
    "378282246310005": "approved",
    "371449635398431": "approved",
    "6362970000457013": "approved",
    "5066991111111118": "approved",
    "6062826786276634": "approved",
    "6011111111111117": "approved",
    "36227206271667": "approved",
    "3566002020360505": "approved",
    "6200000000000005": "approved",
    "4000000000000002": "card_declined",
    "4000000000009995": "insufficient_funds",
    "4000000000009987": "lost_card",
    "4000000000009979": "stolen_card",
    "4000000000000069": "expired_card",
    "4000000000000127": "incorrect_cvc",
    "4000000000000119": "processing_error",
    "4000000000006975": "limit_exceeded",
    "4000002500003155": "challenge",
    "4000002760003184": "challenge",
    "4000008400001629": "challenge_declined",
    "4000000000000259": "dispute",
    "4000000000007726": "refund_pending",
    "4000000000005126": "refund_fails",
    "4000009900000012": "timeout_after",
    "4000009900000020": "error_first",
    "4000009900000038": "webhook_lost",
    "4000009900000046": "webhook_twice",
    "4000009900000053": "webhook_late",
    "4000009900000061": "webhook_before",
    "4000009900000079": "expires_soon",
    "4000009900000087": "capture_refused",
    "4000009900000095": "refund_refused",
    "4000009900000103": "refund_pending",
    "4000009900000111": "refund_fails",
    "4000009900000129": "dispute",
}


class CardFace(msgspec.Struct, frozen=True):
    """What is kept of a card: never its number. ``behaviour`` is what the number asked for."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int
    behaviour: Behaviour = "approved"
