"""``/v1``: payments, their operations, what became of a key, the lists that reconciliation needs."""

import io
from typing import Any

import msgspec

from renga.simulators.payment_provider.desk import ProviderDesk, new_token
from renga.simulators.payment_provider.http.idempotent import check_key, operation
from renga.simulators.payment_provider.making import day_from, made
from renga.simulators.payment_provider.model import deciding
from renga.simulators.payment_provider.model.charge import Charge, ChargeChange, ProviderProblem
from renga.simulators.payment_provider.model.views import payment_view
from renga.simulators.payment_provider.requests import CaptureWish, NewCharge, NoWish, RefundWish
from renga.simulators.payment_provider.storage.records import StoredAnswer
from renga.simulators.payment_provider.wire import (
    Handler,
    ProviderAnswer,
    ProviderRequest,
    Routes,
    json_answer,
)

PAGE, PAGE_MAX = 100, 1_000
SEQ_MAX = 2**53


class PaymentsApi:
    """Handlers of ``/v1``."""

    def __init__(self, desk: ProviderDesk) -> None:
        self._desk = desk

    def add_to(self, routes: Routes) -> None:
        desk = self._desk
        posts: tuple[tuple[str, str, type[msgspec.Struct], Any], ...] = (
            ("", "authorise", NewCharge, self._make),
            ("/*/capture", "capture", CaptureWish, self._capture),
            ("/*/void", "void", NoWish, self._void),
            ("/*/refunds", "refund", RefundWish, self._refund),
        )
        for path, kind, body, act in posts:
            routes.add("POST", f"/v1/payments{path}", operation(desk, kind, msgspec.json.Decoder(body), act))
        routes.add("GET", "/v1/payments", self._guarded(self._list))
        routes.add("GET", "/v1/payments/*", self._guarded(self._read))
        routes.add("GET", "/v1/payments/*/pix.svg", self._picture)
        routes.add("GET", "/v1/operations", self._guarded(self._operation))
        routes.add("GET", "/v1/log", self._guarded(self._log))
        routes.add("GET", "/v1/events", self._guarded(self._events))
        routes.add("DELETE", "/v1/saved-methods/*", self._guarded(self._forget))

    def _guarded(self, handler: Handler) -> Handler:
        def handle(request: ProviderRequest) -> ProviderAnswer:
            check_key(self._desk, request)
            return handler(request)

        return handle

    def _make(self, request: ProviderRequest, wish: NewCharge, key: str) -> ChargeChange:
        return made(self._desk, wish, key)

    def _capture(self, request: ProviderRequest, wish: CaptureWish, key: str) -> ChargeChange:
        desk = self._desk
        change = desk.decided(
            desk.get(request.parts[0]),
            lambda charge: deciding.captured(
                charge, wish.amount, wish.final, desk.now_ms(), new_token("cap"), desk.fees, desk.timing
            ),
        )
        desk.write(change, key=key)
        return change

    def _void(self, request: ProviderRequest, wish: NoWish, key: str) -> ChargeChange:
        change = deciding.voided(self._desk.get(request.parts[0]), self._desk.now_ms())
        self._desk.write(change, key=key)
        return change

    def _refund(self, request: ProviderRequest, wish: RefundWish, key: str) -> ChargeChange:
        desk = self._desk
        change = desk.decided(
            desk.get(request.parts[0]),
            lambda charge: deciding.refund(
                charge, wish.amount, desk.now_ms(), new_token("re"), desk.timing, reason=wish.reason, key=key
            ),
        )
        desk.write(change, key=key)
        return change

    def _read(self, request: ProviderRequest) -> ProviderAnswer:
        return json_answer(payment_view(self._desk.get(request.parts[0]), self._desk.base_url))

    def _list(self, request: ProviderRequest) -> ProviderAnswer:
        day = day_from(request.query.get("changed_on", ""), "changed_on").isoformat()
        limit = request.number("limit", PAGE, 1, PAGE_MAX)
        found = self._desk.charges.changed_on(
            day, origin_in(request), request.number("after", 0, 0, SEQ_MAX), limit + 1
        )
        items = [payment_view(charge, self._desk.base_url) for _, charge in found[:limit]]
        return json_answer({"items": items, "next": found[limit - 1][0] if len(found) > limit else None})

    def _picture(self, request: ProviderRequest) -> ProviderAnswer:
        charge = self._desk.get(request.parts[0])
        if charge.pix is None:
            raise ProviderProblem(404, "not_found", "this payment is no Pix")
        return ProviderAnswer(200, qr_svg(charge.pix.payload), b"image/svg+xml")

    def _operation(self, request: ProviderRequest) -> ProviderAnswer:
        kept = self._desk.records.answer(request.query.get("key", ""))
        if kept is None:
            raise ProviderProblem(404, "key_not_found", "nothing was ever done for this key")
        answer = msgspec.json.decode(kept.body)
        if kept.charge is not None:
            charge = self._desk.get(kept.charge)
            answer |= current_outcome(charge, kept, answer)
            answer["payment"] = payment_view(charge, self._desk.base_url)
        return json_answer(answer | {"status": kept.status, "answer": msgspec.Raw(kept.body)})

    def _log(self, request: ProviderRequest) -> ProviderAnswer:
        limit = request.number("limit", PAGE, 1, PAGE_MAX)
        after = request.number("after", 0, 0, SEQ_MAX)
        items = self._desk.charges.log(after, limit + 1, request.query.get("payment"))
        return json_answer({"items": items[:limit], "next": items[limit - 1]["seq"] if len(items) > limit else None})

    def _events(self, request: ProviderRequest) -> ProviderAnswer:
        limit = request.number("limit", PAGE, 1, PAGE_MAX)
        after = request.number("after", 0, 0, SEQ_MAX)
        items = self._desk.events.listed(after, limit + 1, request.query.get("payment"))
        return json_answer({"items": items[:limit], "next": items[limit - 1]["seq"] if len(items) > limit else None})

    def _forget(self, request: ProviderRequest) -> ProviderAnswer:
        self._desk.records.forget_card(request.parts[0])
        return ProviderAnswer(204)


def current_outcome(charge: Charge, kept: StoredAnswer, answered: dict[str, Any]) -> dict[str, Any]:
    """What became of an operation that was not decided when it was answered."""
    if answered["outcome"] not in ("pending", "action_needed"):
        return {}
    if kept.kind == "refund":
        made = next((one for one in charge.refunds if one.key == kept.key), None)
        if made is None or made.state == "pending":
            return {}
        return (
            {"outcome": "accepted"} if made.state == "succeeded" else {"outcome": "refused", "reason": "refund_failed"}
        )
    if charge.state in ("pending", "action_needed"):
        return {"outcome": charge.state}
    if charge.captures or charge.state == "authorised":
        return {"outcome": "accepted"}
    reasons = {"voided": "cancelled", "expired": "expired"}
    return {"outcome": "refused", "reason": reasons.get(charge.state, charge.reason)}


def origin_in(request: ProviderRequest) -> str:
    """Whose payments a list has: those of this API, or (``origin=pix_api``) of the Pix API. Raises ProviderProblem."""
    origin = request.query.get("origin", "v1")
    if origin not in ("v1", "pix_api"):
        raise ProviderProblem(422, "invalid_request", "origin is v1 or pix_api", field="origin")
    return origin


def qr_svg(payload: str) -> bytes:
    """A picture of the code."""
    import segno  # only who asks for a picture needs it in memory

    buffer = io.BytesIO()
    segno.make(payload, error="m", micro=False).save(
        buffer, kind="svg", scale=4, border=4, light="white", xmldecl=False
    )
    return buffer.getvalue()
