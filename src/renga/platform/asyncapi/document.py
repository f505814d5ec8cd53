"""The AsyncAPI 3.0 document of a set of fact types: a channel for each domain, a message for each fact."""

import re
from collections.abc import Iterable, Sequence
from inspect import cleandoc
from typing import Any

import msgspec

from renga.kernel.events import CONTENT_TYPE, DATAVERSION, CloudEvent, encode
from renga.kernel.facts import Fact
from renga.platform.asyncapi.examples import event_of
from renga.platform.bus.addresses import EXCHANGE
from renga.platform.bus.streams_wire import FIELD, stream_key

VERSION = "3.0.0"
#: The version of AsyncAPI's AMQP bindings in the document.
AMQP_BINDING = "0.3.0"
#: Extension of a channel: its stream in Redis. AsyncAPI's own Redis binding has no members.
REDIS = "x-redis-stream"
_SCHEMAS = "#/components/schemas/"
_MESSAGES = "#/components/messages/"
_ABOUT = (
    "What a shop tells other programs, as CloudEvents 1.0 in structured mode: the whole event is the JSON body of the message, "
    "on RabbitMQ as in Redis Streams. A shop has one of the two. Delivery is at least once, in order for each subject; an "
    "event's id tells repetitions. One message may say a second event, in `also`. Members may be added to an event at any "
    "time: readers pass over those that they do not know."
)


def source_of(domain: str) -> str:
    """The ``source`` of a domain's events."""
    return f"renga/{domain}"


def make_document(facts: Iterable[type[Fact]], *, version: str) -> dict[str, Any]:
    """The document, ready for JSON, in the order of the facts. ``version`` is the version of Renga."""
    known = list(dict.fromkeys(facts))
    references, schemas = msgspec.json.schema_components([CloudEvent, *known], ref_template=_SCHEMAS + "{name}")
    plain = {name: _plain(schema) for name, schema in schemas.items()}
    by_domain: dict[str, list[type[Fact]]] = {}
    for fact in known:
        by_domain.setdefault(fact.DOMAIN, []).append(fact)
    return {
        "asyncapi": VERSION,
        "info": {"title": "Renga", "version": version, "description": _ABOUT},
        "defaultContentType": CONTENT_TYPE,
        "servers": _SERVERS,
        "channels": {domain: _channel(domain, of_it) for domain, of_it in by_domain.items()},
        "operations": {f"send.{domain}": _operation(domain, of_it) for domain, of_it in by_domain.items()},
        "components": {
            "messages": {
                fact.TYPE: _message(fact, references[0], schema, known)
                for fact, schema in zip(known, references[1:], strict=True)
            },
            "schemas": plain,
        },
    }


_SERVERS: dict[str, Any] = {
    name: {
        "host": "{host}",
        "protocol": protocol,
        "description": f"Where RENGA_BUS begins with `{schemes}`.",
        "variables": {
            "host": {"default": f"localhost:{port}", "description": "Host and port of the shop's own server."}
        },
    }
    for name, protocol, schemes, port in (
        ("rabbitmq", "amqp", "amqp://` or `amqps://", 5672),
        ("redis", "redis", "redis://`, `rediss://`, `redis+sentinel://` or `redis+cluster://", 6379),
    )
}


def _channel(domain: str, facts: Sequence[type[Fact]]) -> dict[str, Any]:
    names = [fact.__name__ for fact in facts]
    return {
        "address": f"{domain}.{{event}}",
        "title": domain,
        "summary": f"The events of {domain}.",
        "description": f"On RabbitMQ the address is the routing key; `{domain}.*` binds a queue to all these events. In Redis "
        f"they are in the stream `{stream_key(domain)}`; the field `{FIELD.decode()}` of an entry is the event.",
        "parameters": {"event": {"enum": names, "description": "The name of the event."}},
        "messages": {fact.TYPE: {"$ref": f"{_MESSAGES}{fact.TYPE}"} for fact in facts},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": EXCHANGE, "type": "topic", "durable": True, "autoDelete": False},
                "bindingVersion": AMQP_BINDING,
            }
        },
        REDIS: {"key": stream_key(domain), "field": FIELD.decode()},
    }


def _operation(domain: str, facts: Sequence[type[Fact]]) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{domain}"},
        "summary": f"Renga tells what has happened in {domain}.",
        "messages": [{"$ref": f"#/channels/{domain}/messages/{fact.TYPE}"} for fact in facts],
        "bindings": {"amqp": {"deliveryMode": 2, "bindingVersion": AMQP_BINDING}},
    }


def _message(
    fact: type[Fact], envelope: dict[str, Any], data: dict[str, Any], facts: Sequence[type[Fact]]
) -> dict[str, Any]:
    text = "\n\n".join((_markdown(cleandoc(fact.__doc__ or "")), *_also(fact, facts)))
    known = {
        "type": {"const": fact.TYPE},
        "source": {"const": source_of(fact.DOMAIN)},
        "dataversion": {"const": DATAVERSION},
        "data": data,
    }
    example = msgspec.json.decode(encode(event_of(fact, source_of(fact.DOMAIN))))
    return {
        "name": fact.TYPE,
        "title": re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", fact.__name__).capitalize(),
        "summary": " ".join(text.partition("\n\n")[0].split()),
        "description": text,
        "contentType": CONTENT_TYPE,
        "tags": [{"name": fact.DOMAIN}],
        "payload": {"allOf": [envelope, {"type": "object", "properties": known}]},
        "bindings": {"amqp": {"messageType": fact.TYPE, "bindingVersion": AMQP_BINDING}},
        "examples": [{"name": fact.__name__, "payload": example}],
    }


def _also(fact: type[Fact], facts: Sequence[type[Fact]]) -> list[str]:
    """Describe ``also``: the second event in a fact's messages, and the messages that have the fact as their second event."""
    said = []
    if fact.ALSO is not None:
        said.append(f"The same message carries `{fact.ALSO.fact.TYPE}` in `also`.")
    if first := [f"`{one.TYPE}`" for one in facts if one.ALSO is not None and one.ALSO.fact is fact]:
        said.append(
            f"Messages of {', '.join(first)} carry it in `also`: a queue bound to this routing key receives them too. "
            "Read `type` first, then `also`."
        )
    return said


def _plain(schema: Any) -> Any:
    """In AsyncAPI's form: JSON Schema draft 7, texts in Markdown."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "prefixItems" in schema:
        raise ValueError("AsyncAPI's schemas have no tuples of fixed length: give the fact a struct instead")
    return {
        name: _markdown(value) if name == "description" and isinstance(value, str) else _plain(value)
        for name, value in schema.items()
    }


def _markdown(text: str) -> str:
    return text.replace("``", "`")
