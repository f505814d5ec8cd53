"""Idempotent writes: the caller's idempotency key and the fingerprint of its request."""

import msgspec

from renga.kernel.errors import Unprocessable

#: Longest idempotency key that is accepted.
KEY_CHARACTERS_MAX = 255
#: What documents say of a key: printable ASCII, no blank at its ends (a header loses them), quotes around it if you like.
KEY_PATTERN = r'^"?[!#-~]([ -~]*[!-~])?$'


class IdempotencyConflict(Unprocessable):
    code = "idempotency_conflict"
    title = "This idempotency key was used with another request"


class Replay(msgspec.Struct):
    """Filled during the call: whether the result is the stored one of an earlier call with the same key."""

    happened: bool = False


class Once(msgspec.Struct, frozen=True, kw_only=True):
    """``scope`` is the key's owner (two callers may choose the same key), ``fingerprint`` a digest of the whole request.

    An implementation that returns an earlier result records that in ``replay``.
    """

    scope: str
    key: str
    fingerprint: bytes
    replay: Replay = msgspec.field(default_factory=Replay)
