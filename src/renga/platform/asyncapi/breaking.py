"""Breaking changes of the AsyncAPI document, for programs that consume the events: one line each.

A consumer was written for the released document and must be able to read what we send now. Adding a member or making it
required breaks nothing; removing it, changing its type, or making it optional or nullable does.
"""

from collections.abc import Iterator
from typing import Any

from renga.platform.asyncapi.document import REDIS
from renga.platform.asyncapi.schemas import compare

Document = dict[str, Any]


def breaking_changes(released: Document, ours: Document) -> list[str]:
    """The breaking changes from the released document to ours."""
    return [*_channels(released, ours), *_messages(released, ours)]


def _channels(released: Document, ours: Document) -> Iterator[str]:
    for name, was in released["channels"].items():
        now = ours["channels"].get(name)
        if now is None:
            yield f"channel {name} was removed"
            continue
        for what, before, after in (
            ("address", was["address"], now["address"]),
            ("exchange of RabbitMQ", _exchange(was), _exchange(now)),
            ("stream of Redis", was[REDIS], now[REDIS]),
        ):
            if before != after:
                yield f"channel {name}: the {what} was {before}, is {after}"


def _exchange(channel: dict[str, Any]) -> Any:
    return channel["bindings"]["amqp"]["exchange"]


def _messages(released: Document, ours: Document) -> Iterator[str]:
    for name, was in released["components"]["messages"].items():
        now = ours["components"]["messages"].get(name)
        if now is None:
            yield f"{name} was removed"
            continue
        if was["contentType"] != now["contentType"]:
            yield f"{name}: the content type was {was['contentType']}, is {now['contentType']}"
        for line in compare(was["payload"], now["payload"], schemas=(_schemas(released), _schemas(ours))):
            yield f"{name}: {line}"


def _schemas(document: Document) -> dict[str, Any]:
    schemas: dict[str, Any] = document["components"]["schemas"]
    return schemas
