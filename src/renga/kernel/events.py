"""The envelope of every event: CloudEvents 1.0 (JSON format), with its ``partitionkey`` (the subject) and
``sequence`` extensions.

An event is a small notification of a fact. ``type`` is ``<domain>.<Event>`` and is also the routing key on the bus;
``subject`` is the id of the thing it happened to; events of one subject keep their order and carry a growing ``sequence``
(the subject's version). ``id`` is stable for a fact: the same id twice is the same fact delivered twice.

One record may carry a second event (``Event.also``): both travel in one message of the bus, which serves listeners of either
type. On the wire it is the extension ``also``, a string of JSON, because CloudEvents allows no objects in extensions.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

#: The supported version of CloudEvents, and the most digits of ``sequence`` (a 64-bit number).
SPECVERSION = "1.0"
SEQUENCE_DIGITS_MAX = 19
#: The version of the shape of ``data``, and how ``data`` is written.
DATAVERSION, DATA_CONTENT_TYPE = "1", "application/json"
#: Content type of a message with an event: CloudEvents' structured mode (AMQP protocol binding §3.2).
CONTENT_TYPE = "application/cloudevents+json"


class Also(msgspec.Struct, frozen=True, kw_only=True):
    """A second event of the same record, about the same subject: its id is that of the first, ``:`` and ``suffix``."""

    type: str
    suffix: str
    data: dict[str, Any]


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One CloudEvent. ``time`` is RFC 3339; ``dataversion`` grows when the shape of ``data`` changes."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    data: dict[str, Any]
    sequence: int
    specversion: str = SPECVERSION
    datacontenttype: str = DATA_CONTENT_TYPE
    dataversion: str = DATAVERSION
    also: Also | None = None

    @property
    def domain(self) -> str:
        return self.type.partition(".")[0]

    @property
    def name(self) -> str:
        return self.type.partition(".")[2]


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope of every event: CloudEvents 1.0 in the JSON format, every member is present except ``also``."""

    specversion: Annotated[
        str, Meta(description="The version of CloudEvents.", extra_json_schema={"const": SPECVERSION})
    ]
    id: Annotated[str, Meta(description="Stable for a fact: the same id twice is the same fact twice.")]
    source: Annotated[str, Meta(description="The sender.")]
    type: Annotated[str, Meta(description="The type of the event; also the routing key.")]
    subject: Annotated[str, Meta(description="The id of the object that changed.")]
    time: Annotated[
        str, Meta(description="When it happened (RFC 3339, UTC).", extra_json_schema={"format": "date-time"})
    ]
    datacontenttype: Annotated[
        str, Meta(description="The content type of the data.", extra_json_schema={"const": DATA_CONTENT_TYPE})
    ]
    dataversion: Annotated[str, Meta(description="The version of the data's schema.")]
    partitionkey: Annotated[str, Meta(description="The subject; events of one subject arrive in order.")]
    sequence: Annotated[
        str,
        Meta(
            description="The subject's version after the change, in decimal digits (it may exceed 2^53); it never decreases.",
            extra_json_schema={"pattern": f"^[0-9]{{1,{SEQUENCE_DIGITS_MAX}}}$"},
        ),
    ]
    data: Annotated[dict[str, Any], Meta(description="The fact itself.")]
    also: Annotated[
        str | msgspec.UnsetType,
        Meta(
            description="A second event in the same message, as JSON: its `type`, its `data`, and a `suffix`. Its id is the id "
            "of the first event, a colon and the suffix. Absent if the message has one event."
        ),
    ] = msgspec.UNSET


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(CloudEvent)
_also_decoder = msgspec.json.Decoder(Also)


def events_of(event: Event) -> tuple[Event, ...]:
    """The events of a record, in order: the event itself, then the one in its ``also``. Neither has an ``also`` any more."""
    if event.also is None:
        return (event,)
    also = event.also
    second = msgspec.structs.replace(
        event, id=f"{event.id}:{also.suffix}", type=also.type, data=also.data, also=None, dataversion=DATAVERSION
    )
    return first_of(event), second


def first_of(event: Event) -> Event:
    """The first event of a record, without the second."""
    return msgspec.structs.replace(event, also=None)


def encode(event: Event) -> bytes:
    """The event in CloudEvents' JSON format."""
    return _encoder.encode(
        CloudEvent(
            specversion=event.specversion,
            id=event.id,
            source=event.source,
            type=event.type,
            subject=event.subject,
            time=event.time,
            datacontenttype=event.datacontenttype,
            dataversion=event.dataversion,
            partitionkey=event.subject,
            sequence=str(event.sequence),
            data=event.data,
            also=msgspec.UNSET if event.also is None else _encoder.encode(event.also).decode(),
        )
    )


def decode(body: bytes | str) -> Event:
    """Read an event; raises ``msgspec.ValidationError`` or ``msgspec.DecodeError`` for anything else."""
    try:
        wire = _decoder.decode(body)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(f"not an event: {error}") from error
    if wire.specversion != SPECVERSION:
        raise msgspec.ValidationError(f"CloudEvents {wire.specversion[:20]!r}; {SPECVERSION} is understood")
    if not (wire.sequence.isascii() and wire.sequence.isdigit() and len(wire.sequence) <= SEQUENCE_DIGITS_MAX):
        raise msgspec.ValidationError(f"sequence is a number in decimal digits, got {wire.sequence[:20]!r}")
    return Event(
        id=wire.id,
        source=wire.source,
        type=wire.type,
        subject=wire.subject,
        time=wire.time,
        data=wire.data,
        sequence=int(wire.sequence),
        datacontenttype=wire.datacontenttype,
        dataversion=wire.dataversion,
        also=None if wire.also is msgspec.UNSET else _also_decoder.decode(wire.also),
    )
