"""Webhooks of the Pix API. Its standard authenticates them by mutual TLS alone, which ends before this program."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

import msgspec

from renga.domains.payments.contract.errors import WebhookInvalid, WebhookRefused
from renga.domains.payments.ports.provider import ProviderEvent
from renga.domains.payments.providers.pix.objects import PixMessage, PixReceived
from renga.domains.payments.settings import PixWebhookProof

#: The query of the message's URL, as a pseudo-header that the route adds; its member ``token`` is the secret.
QUERY_HEADER, TOKEN = ":query", "token"
#: The secret, added by the reverse proxy that has checked the provider's certificate (and strips it from outside).
EDGE_HEADER = "x-pix-edge-token"
#: ``t=<Unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">``
SIGNATURE_HEADER = "pix-signature"
TOLERANCE_S = 300
QUERY_CHARS_MAX = 2_000


def verify(
    headers: Mapping[str, str], body: bytes, now_ms: int, *, secret: str, proof: PixWebhookProof
) -> Sequence[ProviderEvent]:
    """The messages of a webhook. ``proof``: where its sender shows the secret; without a secret nothing is accepted.

    A message only says which charge to read, so one that is sent again tells nothing wrong. Raises WebhookRefused,
    WebhookInvalid.
    """
    if not secret:
        raise WebhookRefused("no secret for webhooks is set")
    if proof == "signature":
        _check_signature(headers.get(SIGNATURE_HEADER, ""), body, now_ms, secret)
    elif not _same(headers.get(EDGE_HEADER, "") if proof == "edge" else _token(headers), secret):
        raise WebhookRefused("the sender does not show the secret")
    try:
        message = msgspec.json.decode(body, type=PixMessage)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WebhookInvalid(f"not a message of the Pix API: {type(error).__name__}") from error
    return [_event(one, one.txid) for one in message.pix if one.txid is not None]


def _token(headers: Mapping[str, str]) -> str:
    """The token in the URL. Providers add ``/pix`` to the URL that is registered, so another member comes last there."""
    query = headers.get(QUERY_HEADER, "")
    if len(query) > QUERY_CHARS_MAX:
        return ""
    return parse_qs(query, max_num_fields=None, encoding="utf-8", errors="replace").get(TOKEN, [""])[0]


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
