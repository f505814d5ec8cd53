"""The envelope of every event: CloudEvents 1.0 (JSON format), with its ``partitionkey`` (the subject) and
``sequence`` extensions.

An event is a small notification of a fact. ``type`` is ``<domain>.<Event>`` and is also the routing key on the bus;
``subject`` is the id of the thing it happened to; events of one subject keep their order and carry a growing ``sequence``
(the subject's version). ``id`` is stable for a fact: whoever sees it twice has seen the same fact twice.
"""

from typing import Any

import msgspec

#: The version of CloudEvents that is written and understood, and the longest ``sequence`` (a 64-bit number).
SPECVERSION = "1.0"
SEQUENCE_DIGITS_MAX = 19


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
    datacontenttype: str = "application/json"
    dataversion: str = "1"

    @property
    def domain(self) -> str:
        return self.type.partition(".")[0]

    @property
    def name(self) -> str:
        return self.type.partition(".")[2]


class _Wire(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON form: the same members, none left out (the specification wants ``specversion`` present)."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    dataversion: str
    partitionkey: str
    sequence: str
    data: dict[str, Any]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Wire)


def encode(event: Event) -> bytes:
    """The event in CloudEvents' JSON format."""
    return _encoder.encode(
        _Wire(
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
    )
