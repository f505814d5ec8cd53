"""Stripe's webhooks. https://docs.stripe.com/webhooks"""

from collections.abc import Mapping, Sequence

import msgspec
import stripe

from renga.domains.payments.contract.errors import WebhookInvalid, WebhookRefused
from renga.domains.payments.ports.provider import ProviderEvent
from renga.domains.payments.providers.stripe.amounts import AmountUnreadable
from renga.domains.payments.providers.stripe.objects import (
    StripeCharge,
    StripeDispute,
    StripeEvent,
    StripeIntent,
    StripeRefund,
    StripeSetup,
)
from renga.domains.payments.providers.stripe.records import MEANS, MS, dispute_of, record_of
from renga.kernel.ids import canonical_uuid

HEADER = "stripe-signature"
#: How far the signature's time may be from ours, in both directions (Stripe's own default).
TOLERANCE_S = 300
SIGNATURE_CHARS_MAX = 1000
#: What an event's object is, by the beginning of the event's type; others are not about payments of ours.
_PREFIXES = ("payment_intent.", "charge.dispute.", "charge.refund.", "charge.", "refund.", "setup_intent.")


def verify(headers: Mapping[str, str], body: bytes, now_ms: int, secret: str) -> Sequence[ProviderEvent]:
    """Raises WebhookRefused, WebhookInvalid."""
    _check_signature(headers.get(HEADER, ""), body, now_ms, secret)
    try:
        event = msgspec.json.decode(body, type=StripeEvent)
        found = _event(event)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, AmountUnreadable) as error:
        raise WebhookInvalid(f"not an event of Stripe: {type(error).__name__}") from error
    return [] if found is None else [found]


def _check_signature(header: str, body: bytes, now_ms: int, secret: str) -> None:
    """The package checks the signature; the time is ours, from outside."""
    parts = [part.partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name.strip() == "t"]
    if not header.isascii() or len(header) > SIGNATURE_CHARS_MAX or len(times) != 1 or not _is_time(times[0]):
        raise WebhookRefused("the signature cannot be read")
    if not secret:
        raise WebhookRefused("no secret for webhooks is set")
    if abs(int(times[0]) - now_ms // MS) > TOLERANCE_S:
        raise WebhookRefused("the signature is too old, or from the future")
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, tolerance=None)
    except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
        raise WebhookRefused("the signature is not Stripe's") from error


def _is_time(text: str) -> bool:
    return text.isdecimal() and len(text) <= 12


def _event(event: StripeEvent) -> ProviderEvent | None:
    prefix = next((one for one in _PREFIXES if event.type.startswith(one)), None)
    raw = event.data.object
    if prefix == "payment_intent.":
        intent = msgspec.json.decode(raw, type=StripeIntent)
        return ProviderEvent(
            id=event.id, kind=event.type, ref=intent.id, means=_means(intent.metadata), record=record_of(intent)
        )
    if prefix == "setup_intent.":
        setup = msgspec.json.decode(raw, type=StripeSetup)
        return ProviderEvent(id=event.id, kind=event.type, ref=setup.id, means=_means(setup.metadata))
    if prefix == "charge.dispute.":
        dispute = msgspec.json.decode(raw, type=StripeDispute)
        if dispute.payment_intent is None:
            return None
        return ProviderEvent(id=event.id, kind=event.type, ref=dispute.payment_intent, dispute=dispute_of(dispute))
    return None if prefix is None else _of_charge(event, prefix)


def _of_charge(event: StripeEvent, prefix: str) -> ProviderEvent | None:
    """A charge or a refund names the payment; its totals must be read. Without a payment it was not made by us."""
    named: StripeCharge | StripeRefund
    if prefix == "charge.":
        named = msgspec.json.decode(event.data.object, type=StripeCharge)
    else:
        named = msgspec.json.decode(event.data.object, type=StripeRefund)
    if named.payment_intent is None:
        return None
    means = _means(named.metadata) if isinstance(named, StripeCharge) else None
    return ProviderEvent(id=event.id, kind=event.type, ref=named.payment_intent, means=means)


def _means(metadata: dict[str, str] | None) -> str | None:
    return canonical_uuid((metadata or {}).get(MEANS, ""))
