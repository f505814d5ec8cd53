"""Which means an event belongs to, and what becomes of an event that has no effect."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from renga.domains.payments.contract.webhooks import WebhookReason
from renga.domains.payments.model.advancing import Misfit
from renga.domains.payments.model.means import StoredMeans
from renga.domains.payments.model.records import ProviderRecord
from renga.domains.payments.ports.provider import ProviderEvent

#: Pauses before a parked event is tried again, by the number of its tries (in all two days); then it is given up.
RETRY_S = (1, 2, 5, 15, 15, 30, 60, 60, 120, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400)


class Misplaced(NamedTuple):
    """Why an event has no effect now, and whether it is tried again."""

    state: Literal["parked", "ignored"]
    reason: WebhookReason


def means_of_event(means: Iterable[StoredMeans], event: ProviderEvent) -> StoredMeans | None:
    """The means with the provider's id; else the one whose id the provider gives back."""
    every = tuple(means)
    by_ref = next((one for one in every if one.provider_ref == event.ref), None)
    return by_ref or next((one for one in every if one.id == event.means), None)


def with_dispute(record: ProviderRecord, event: ProviderEvent) -> ProviderRecord:
    """The record with the dispute that the event is about."""
    one = event.dispute
    if one is None or any(known.id == one.id and known.state == one.state for known in record.disputes):
        return record
    others = tuple(known for known in record.disputes if known.id != one.id)
    return msgspec.structs.replace(record, disputes=(*others, one))


def misplaced(misfit: Misfit, record: ProviderRecord) -> Misplaced:
    """An authorisation that another one has replaced ends without effect; anything else may fit later."""
    over = record.state in {"voided", "expired", "refused"} and not record.captured
    return Misplaced("ignored", "no_effect") if misfit == "other_ref" and over else Misplaced("parked", "conflict")


def next_try_ms(tries: int, now_ms: int) -> int | None:
    """When a parked event is tried again after so many tries; None: never by itself."""
    return now_ms + RETRY_S[tries - 1] * 1000 if tries <= len(RETRY_S) else None
