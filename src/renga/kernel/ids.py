"""Identifiers: UUIDv7 (RFC 9562 §5.7), sortable by time, with 74 random bits: unguessable, so usable as a capability."""

import re
import secrets
import uuid
from collections.abc import Callable

from renga.kernel.clock import Clock

#: Where ids come from; injected, so that a simulation can replay them.
IdSource = Callable[[], str]


def uuid7(now_ms: int, random_bits: int) -> str:
    """The UUIDv7 of a time (Unix ms) and 74 random bits, in its canonical text form."""
    value = (now_ms & (1 << 48) - 1) << 80 | 0x7 << 76 | (random_bits >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | random_bits & (1 << 62) - 1
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def id_source(clock: Clock) -> IdSource:
    """An id source with this clock and the system's secure random numbers."""
    return lambda: uuid7(clock.now_ms(), secrets.randbits(74))


_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")


def canonical_uuid(text: str) -> str | None:
    """The canonical lower-case form of a UUID in its usual 36-character form; None if it is not one."""
    return text.lower() if _UUID.fullmatch(text) else None


def uuid8(digest: bytes) -> str:
    """The UUIDv8 (RFC 9562 §5.8) made of a digest's first 16 bytes, for ids derived from a key."""
    value = int.from_bytes(digest[:16])
    value = value & ~(0xF << 76) | 0x8 << 76
    return str(uuid.UUID(int=value & ~(0b11 << 62) | 0b10 << 62))
