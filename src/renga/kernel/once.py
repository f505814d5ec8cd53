"""A write that happens once however often it is sent: the caller's idempotency key, and what was asked with it."""

import msgspec

from renga.kernel.errors import Unprocessable

#: Longest key that is taken.
KEY_CHARACTERS_MAX = 255


class IdempotencyConflict(Unprocessable):
    code = "idempotency_conflict"
    title = "This idempotency key was used with another request"


class Replay(msgspec.Struct):
    """What a caller learns beside the answer: whether it is the one that an earlier call got."""

    happened: bool = False


class Once(msgspec.Struct, frozen=True, kw_only=True):
    """``scope`` is whose key it is (two callers may choose the same), ``fingerprint`` a digest of the whole request.

    Whoever answers from an earlier call says so in ``replay``.
    """

    scope: str
    key: str
    fingerprint: bytes
    replay: Replay = msgspec.field(default_factory=Replay)
