"""Events on their way into the database: rows of the outbox in the transaction, or parts of the document that they tell of."""

from collections.abc import Sequence
from typing import Any

from renga.domains.catalog.stores.mongo import layout
from renga.domains.catalog.stores.mongo.connecting import MongoCatalogue, Session
from renga.kernel.events import Event, encode
from renga.platform.mongo.client import Document

#: Most events in one command.
APPEND_MAX = 5_000


async def numbered(catalogue: MongoCatalogue, events: Sequence[Event]) -> list[Document]:
    """The events with their places in the outbox. A later writer of a subject has seen the earlier one, so its are higher."""
    first = await catalogue.take(layout.EVENTS, len(events))
    return [{"position": first + nth, "event": encode(event).decode()} for nth, event in enumerate(events)]


async def tell(catalogue: MongoCatalogue, news: Sequence[Document], session: Session) -> None:
    """Add them to the outbox, in the transaction. (Without one they are in the documents already.)"""
    if session is None:
        return
    for start in range(0, len(news), APPEND_MAX):
        rows = [{"_id": one["position"], "event": one["event"]} for one in news[start : start + APPEND_MAX]]
        await catalogue.outbox.insert_many(rows, session=session)


def with_news(update: dict[str, Any], news: Sequence[Document], session: Session) -> dict[str, Any]:
    """The update of a document; without a transaction it carries the news of it."""
    return update if session is not None or not news else update | {"$push": {"pending": {"$each": list(news)}}}
