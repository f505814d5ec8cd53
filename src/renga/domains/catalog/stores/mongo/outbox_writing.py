"""Writes events: to the outbox in the transaction, or, without transactions, into the changed document itself."""

from collections.abc import Sequence
from typing import Any

from renga.domains.catalog.stores.mongo import layout
from renga.domains.catalog.stores.mongo.connecting import MongoCatalogue, Session
from renga.kernel.events import Event, encode
from renga.platform.mongo.client import Document

#: Events per command.
APPEND_MAX = 5_000


async def number_events(catalogue: MongoCatalogue, events: Sequence[Event]) -> list[Document]:
    """The events with their outbox numbers. A later write of a subject has read the earlier one, so its numbers are higher."""
    first = await catalogue.take(layout.EVENTS, len(events))
    return [{"position": first + nth, "event": encode(event).decode()} for nth, event in enumerate(events)]


async def append_events(catalogue: MongoCatalogue, events: Sequence[Document], session: Session) -> None:
    """Add them to the outbox in the transaction. (Without a transaction they are in the documents already.)"""
    if session is None:
        return
    for start in range(0, len(events), APPEND_MAX):
        rows = [{"_id": one["position"], "event": one["event"]} for one in events[start : start + APPEND_MAX]]
        await catalogue.outbox.insert_many(rows, session=session)


def with_events(update: dict[str, Any], events: Sequence[Document], session: Session) -> dict[str, Any]:
    """The update of a document; without a transaction it includes the document's events."""
    return update if session is not None or not events else update | {"$push": {"pending": {"$each": list(events)}}}
