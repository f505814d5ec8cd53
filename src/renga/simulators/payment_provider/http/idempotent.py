"""POSTs that move money: one effect for each idempotency key, and the same answer again."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from renga.simulators.payment_provider.desk import ProviderDesk
from renga.simulators.payment_provider.making import TokenRefused
from renga.simulators.payment_provider.model.charge import ChargeChange, ProviderProblem
from renga.simulators.payment_provider.model.views import payment_view
from renga.simulators.payment_provider.storage.records import StoredAnswer
from renga.simulators.payment_provider.wire import Handler, ProviderAnswer, ProviderRequest, encode_json

T = TypeVar("T", bound=msgspec.Struct)
KEY_CHARS_MAX = 255
_REPLAYED = ((b"idempotent-replayed", b"true"),)
#: HTTP status by outcome.
_STATUS = {"accepted": 200, "pending": 202, "action_needed": 202, "refused": 402}


def check_key(desk: ProviderDesk, request: ProviderRequest) -> None:
    """Raises ProviderProblem (401) unless the request has the API's secret key."""
    given = request.headers.get(b"authorization", b"")
    if given[:7].lower() != b"bearer " or not hmac.compare_digest(given[7:].strip(), desk.secret.api):
        raise ProviderProblem(401, "unauthenticated", "Authorization: Bearer with the secret key is needed")


def operation(
    desk: ProviderDesk,
    kind: str,
    decoder: "msgspec.json.Decoder[T]",
    act: Callable[[ProviderRequest, T, str], ChargeChange],
) -> Handler:
    """A handler that does ``act`` once for each key."""

    def handle(request: ProviderRequest) -> ProviderAnswer:
        check_key(desk, request)
        key = request.header(b"idempotency-key")
        if not 1 <= len(key) <= KEY_CHARS_MAX:
            raise ProviderProblem(
                400, "idempotency_key_missing", f"Idempotency-Key has 1 to {KEY_CHARS_MAX} characters"
            )
        body = request.json(decoder)
        digest = hashlib.sha256(request.path.encode() + b"\0" + encode_json(body)).digest()
        kept = desk.records.answer(key)
        if kept is not None:
            return _again(kept, digest)
        try:
            change: ChargeChange | None = act(request, body, key)
        except TokenRefused:
            change = None
        return _kept(desk, kind, key, digest, change)

    return handle


def _again(kept: StoredAnswer, digest: bytes) -> ProviderAnswer:
    if not hmac.compare_digest(kept.digest, digest):
        raise ProviderProblem(422, "idempotency_conflict", "this key was used for another request")
    return ProviderAnswer(kept.status, kept.body, headers=_REPLAYED)


def _kept(desk: ProviderDesk, kind: str, key: str, digest: bytes, change: ChargeChange | None) -> ProviderAnswer:
    said: dict[str, Any] = {"kind": kind, "key": key, "outcome": "refused", "reason": "token_invalid", "payment": None}
    status = 402
    if change is not None:
        status = 201 if kind == "authorise" and change.outcome == "accepted" else _STATUS[change.outcome]
        said |= {
            "outcome": change.outcome,
            "reason": change.reason,
            "payment": payment_view(change.charge, desk.base_url),
        }
    body = encode_json(said)
    charge = change.charge if change else None
    desk.records.keep_answer(
        StoredAnswer(key, digest, status, kind, charge.id if charge else None, desk.now_ms(), body)
    )
    hold = kind == "authorise" and charge is not None and charge.behaviour == "timeout_after"
    return ProviderAnswer(status, body, hold=hold)
