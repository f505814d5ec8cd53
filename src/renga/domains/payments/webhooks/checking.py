"""Bounds of what a provider sends, even rightly signed."""

from collections.abc import Sequence

import msgspec

from renga.domains.payments.contract.errors import WebhookInvalid
from renga.domains.payments.contract.webhooks import PROVIDER_ID_CHARS_MAX, WEBHOOK_EVENTS_MAX
from renga.domains.payments.ports.provider import ProviderEvent, ProviderRecord
from renga.kernel.card_numbers import mask_cards
from renga.kernel.money import AMOUNT_MAX

_replace = msgspec.structs.replace


def checked_events(events: Sequence[ProviderEvent]) -> tuple[ProviderEvent, ...]:
    """The events of one message, each id once. Raises WebhookInvalid."""
    if len(events) > WEBHOOK_EVENTS_MAX:
        raise WebhookInvalid(f"a message has at most {WEBHOOK_EVENTS_MAX} events, not {len(events)}")
    for event in events:
        for name, text in (("id", event.id), ("kind", event.kind), ("ref", event.ref), ("means", event.means or "-")):
            if not 1 <= len(text) <= PROVIDER_ID_CHARS_MAX or not text.isprintable():
                raise WebhookInvalid(f"{name} of an event has 1 to {PROVIDER_ID_CHARS_MAX} printable characters")
        if event.record is not None:
            _check_record(event.ref, event.record)
        _check_storable(event)
    return tuple({event.id: _masked(event) for event in events}.values())


def _masked(event: ProviderEvent) -> ProviderEvent:
    """A dispute's reason is text of a bank; no card's number of it is kept."""
    dispute, record = event.dispute, event.record
    if record is not None and record.disputes:
        record = _replace(
            record, disputes=tuple(_replace(one, reason=mask_cards(one.reason)) for one in record.disputes)
        )
    if dispute is not None:
        dispute = _replace(dispute, reason=mask_cards(dispute.reason))
    return _replace(event, dispute=dispute, record=record)


def _check_record(ref: str, record: ProviderRecord) -> None:
    if record.ref != ref:
        raise WebhookInvalid("an event and its record name different payments")
    amounts = [record.amount.amount, record.captured, record.refunded, *(one.amount for one in record.disputes)]
    if any(not 0 <= amount <= AMOUNT_MAX for amount in amounts):
        raise WebhookInvalid(f"amounts of an event are between 0 and {AMOUNT_MAX}")


def _check_storable(event: ProviderEvent) -> None:
    """PostgreSQL stores no U+0000, and nothing stores half of a surrogate pair."""
    try:
        text = msgspec.json.encode(event)
    except UnicodeEncodeError as error:
        raise WebhookInvalid("an event has half of a surrogate pair") from error
    if b"\\u0000" in text:
        raise WebhookInvalid("an event has the character U+0000")
