"""Messages of the provider: signature, age, content."""

import hashlib
import hmac
import re
from collections.abc import Mapping

import msgspec

from renga.domains.payments.contract.errors import WebhookInvalid, WebhookRefused
from renga.domains.payments.ports.provider import ProviderEvent
from renga.domains.payments.providers.simulated.bodies import EventBody
from renga.domains.payments.providers.simulated.records import dispute_of, record_of

SIGNATURE = "renga-provider-signature"
#: A message is not older than this, nor further in the future.
TOLERANCE_S = 300
_SHAPE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})", re.ASCII)
_event = msgspec.json.Decoder(EventBody)


def verified(headers: Mapping[str, str], body: bytes, now_ms: int, secret: bytes) -> ProviderEvent:
    """The message. Raises WebhookRefused, WebhookInvalid."""
    shape = _SHAPE.fullmatch(headers.get(SIGNATURE, ""))
    if shape is None:
        raise WebhookRefused("the message has no signature of the simulated provider")
    at, given = shape.groups()
    expected = hmac.digest(secret, at.encode() + b"." + body, hashlib.sha256).hex()
    if not hmac.compare_digest(given, expected):
        raise WebhookRefused("the signature is wrong")
    if abs(now_ms // 1000 - int(at)) > TOLERANCE_S:
        raise WebhookRefused(f"the message is more than {TOLERANCE_S} s old, or from the future")
    return _event_of(body)


def _event_of(body: bytes) -> ProviderEvent:
    try:
        said = _event.decode(body)
        return ProviderEvent(
            id=said.id,
            kind=said.type,
            ref=said.payment.id,
            means=said.payment.metadata.get("means"),
            record=record_of(said.payment),
            dispute=dispute_of(said.dispute) if said.dispute else None,
        )
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise WebhookInvalid(f"this is not a message of the simulated provider: {error}") from None
