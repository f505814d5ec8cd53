"""The idempotency of what finance gives."""

import hashlib

import msgspec

from renga.domains.payments.model.checking import check_text
from renga.kernel.caller import Caller
from renga.kernel.once import KEY_CHARACTERS_MAX, Once, Replay


def once_of(
    caller: Caller, kind: str, key: str | None, request: msgspec.Struct, replay: Replay | None = None
) -> Once | None:
    """None: the caller has no key. Raises PaymentInvalid."""
    if key is None:
        return None
    check_text(key, "key", KEY_CHARACTERS_MAX)
    fingerprint = hashlib.sha256(msgspec.json.encode(request)).digest()
    return Once(scope=f"{kind} {caller.identified()}", key=key, fingerprint=fingerprint, replay=replay or Replay())
