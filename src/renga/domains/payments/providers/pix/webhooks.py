"""Webhooks of the Pix API. Its standard authenticates them by mutual TLS alone, which ends before this program."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

import msgspec

from renga.domains.payments.contract.errors import WebhookInvalid, WebhookRefused
from renga.domains.payments.ports.provider import ProviderEvent
from renga.domains.payments.providers.pix.objects import PixMessage, PixReceived

#: ``t=<Unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">``
SIGNATURE_HEADER = "pix-signature"
#: A secret that the reverse proxy adds after it has checked the provider's certificate, and strips from outside.
EDGE_HEADER = "x-pix-edge-token"
TOLERANCE_S = 300


def verify(
    headers: Mapping[str, str], body: bytes, now_ms: int, *, secret: str | None, edge_token: str | None
) -> Sequence[ProviderEvent]:
    """The messages. Every check that is set must succeed; without any, nothing is accepted. Raises WebhookRefused,
    WebhookInvalid.

    A message only says which charge to read, so an old one that is sent again tells nothing wrong.
    """
    if not secret and not edge_token:
        raise WebhookRefused("neither a secret nor a token of the edge is set for webhooks of Pix")
    if edge_token and not _same(headers.get(EDGE_HEADER, ""), edge_token):
        raise WebhookRefused("the edge did not vouch for the sender")
    if secret:
        _check_signature(headers.get(SIGNATURE_HEADER, ""), body, now_ms, secret)
    try:
        message = msgspec.json.decode(body, type=PixMessage)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WebhookInvalid(f"not a message of the Pix API: {type(error).__name__}") from error
    return [_event(one, one.txid) for one in message.pix if one.txid is not None]


def _check_signature(header: str, body: bytes, now_ms: int, secret: str) -> None:
    time, _, signature = header.partition(",v1=")
    seconds = time.removeprefix("t=")
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 12):
        raise WebhookRefused("the signature cannot be read")
    if abs(int(seconds) - now_ms // 1000) > TOLERANCE_S:
        raise WebhookRefused("the signature is too old, or from the future")
    if not _same(signature, sign(body, int(seconds), secret)):
        raise WebhookRefused("the signature is not the provider's")


def sign(body: bytes, at_s: int, secret: str) -> str:
    """The signature of a body at a time."""
    return hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


def _event(received: PixReceived, txid: str) -> ProviderEvent:
    """The API's messages have no id: the same news has the same one."""
    news = msgspec.json.encode([received.valor, [(one.id, one.status) for one in received.devolucoes]])
    digest = hashlib.sha256(news).hexdigest()[:16]
    kind = "pix.returned" if received.devolucoes else "pix.received"
    return ProviderEvent(id=f"{received.end_to_end_id}-{digest}", kind=kind, ref=txid)
