"""``/test``: what a test makes happen: disputes, faults, time, messages."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import msgspec

from renga.kernel.clock import DAY_MS, rfc3339
from renga.simulators.payment_provider.desk import ProviderDesk, new_token
from renga.simulators.payment_provider.faults import FaultPlan
from renga.simulators.payment_provider.http.idempotent import check_key
from renga.simulators.payment_provider.making import day_from, invalid
from renga.simulators.payment_provider.model.charge import Charge, ChargeChange, DisputeStage, ProviderProblem
from renga.simulators.payment_provider.model.deciding import refund_ended
from renga.simulators.payment_provider.model.paying import dispute_closed, disputed, taken_back
from renga.simulators.payment_provider.model.views import payment_view
from renga.simulators.payment_provider.requests import AmountWish, ClockWish, DisputeWish, NoWish
from renga.simulators.payment_provider.wire import ProviderAnswer, ProviderRequest, Routes, json_answer

T = TypeVar("T", bound=msgspec.Struct)
_LATEST_DAY = date(2199, 12, 31)


class SimulationApi:
    """Everything here needs the secret key."""

    def __init__(self, desk: ProviderDesk) -> None:
        self._desk = desk

    def add_to(self, routes: Routes) -> None:
        self._post(routes, "/test/payments/*/dispute", DisputeWish, self._dispute)
        self._post(routes, "/test/payments/*/med", AmountWish, self._med)
        self._post(routes, "/test/disputes/*/win", NoWish, lambda request, _: self._close(request, "won"))
        self._post(routes, "/test/disputes/*/lose", NoWish, lambda request, _: self._close(request, "lost"))
        self._post(routes, "/test/refunds/*/complete", NoWish, lambda request, _: self._end(request, True))
        self._post(routes, "/test/refunds/*/fail", NoWish, lambda request, _: self._end(request, False))
        self._post(routes, "/test/faults", FaultPlan, self._set_faults)
        self._post(routes, "/test/clock", ClockWish, self._set_clock)
        self._post(routes, "/test/webhooks/pause", NoWish, lambda request, _: self._pause(True))
        self._post(routes, "/test/webhooks/resume", NoWish, lambda request, _: self._pause(False))
        self._post(routes, "/test/events/*/resend", NoWish, self._resend)
        routes.add("GET", "/test/faults", self._get(lambda: msgspec.to_builtins(self._desk.faults.plan)))
        routes.add("GET", "/test/clock", self._get(self._clock))

    def _post(
        self, routes: Routes, path: str, kind: type[T], handler: Callable[[ProviderRequest, T], ProviderAnswer]
    ) -> None:
        decoder = msgspec.json.Decoder(kind)

        def handle(request: ProviderRequest) -> ProviderAnswer:
            check_key(self._desk, request)
            return handler(request, request.json(decoder))

        routes.add("POST", path, handle)

    def _get(self, say: Callable[[], Any]) -> Callable[[ProviderRequest], ProviderAnswer]:
        def handle(request: ProviderRequest) -> ProviderAnswer:
            check_key(self._desk, request)
            return json_answer(say())

        return handle

    def _changed(self, change: ChargeChange) -> ProviderAnswer:
        return json_answer(payment_view(self._desk.write(change), self._desk.base_url))

    def _dispute(self, request: ProviderRequest, wish: DisputeWish) -> ProviderAnswer:
        charge = self._desk.get(request.parts[0])
        return self._changed(disputed(charge, wish.amount, wish.reason, self._desk.now_ms(), new_token("dp")))

    def _med(self, request: ProviderRequest, wish: AmountWish) -> ProviderAnswer:
        charge = self._desk.get(request.parts[0])
        return self._changed(taken_back(charge, wish.amount, self._desk.now_ms(), new_token("re")))

    def _owner(self, request: ProviderRequest, code: str, what: str) -> Charge:
        charge = self._desk.charges.of_part(request.parts[0])
        if charge is None:
            raise ProviderProblem(404, code, f"there is no such {what}")
        return charge

    def _close(self, request: ProviderRequest, stage: DisputeStage) -> ProviderAnswer:
        charge = self._owner(request, "dispute_not_found", "dispute")
        return self._changed(dispute_closed(charge, request.parts[0], stage, self._desk.now_ms()))

    def _end(self, request: ProviderRequest, good: bool) -> ProviderAnswer:
        charge = self._owner(request, "refund_not_found", "refund")
        made = next((one for one in charge.refunds if one.id == request.parts[0]), None)
        if made is None or made.state != "pending":
            raise ProviderProblem(409, "refund_state", "only a pending refund can end")
        return self._changed(refund_ended(charge, made, good, self._desk.now_ms()))

    def _set_faults(self, request: ProviderRequest, plan: FaultPlan) -> ProviderAnswer:
        self._desk.faults.set(plan)
        return json_answer(self._desk.faults.plan)

    def _clock(self) -> dict[str, Any]:
        now_ms = self._desk.now_ms()
        return {"now": rfc3339(now_ms), "shifted_s": self._desk.shift_ms // 1_000}

    def _set_clock(self, request: ProviderRequest, wish: ClockWish) -> ProviderAnswer:
        desk = self._desk
        if (wish.advance_s is not None) + (wish.day is not None) + wish.reset != 1:
            raise invalid("exactly one of advance_s, day and reset", "advance_s")
        shift_ms = 0
        if wish.advance_s is not None:
            shift_ms = desk.shift_ms + wish.advance_s * 1_000
        elif wish.day is not None:
            ahead = (day_from(wish.day, "day") - date(1970, 1, 1)).days - desk.now_ms() // DAY_MS
            if ahead < 0:
                raise invalid("the clock goes forward only; reset goes back", "day")
            shift_ms = desk.shift_ms + ahead * DAY_MS
        if desk.machine_clock() + shift_ms > (_LATEST_DAY - date(1970, 1, 1)).days * DAY_MS:
            raise invalid(f"the clock ends on {_LATEST_DAY}", "advance_s")
        desk.shift_clock(shift_ms)
        return json_answer(self._clock())

    def _pause(self, paused: bool) -> ProviderAnswer:
        self._desk.pause(paused)
        return json_answer({"paused": paused})

    def _resend(self, request: ProviderRequest, _: NoWish) -> ProviderAnswer:
        event_id = request.parts[0]
        if not self._desk.events.resend(event_id, self._desk.machine_clock()):
            raise ProviderProblem(404, "event_not_found", "there is no such event")
        self._desk.wake_after()
        return json_answer({"id": event_id, "waiting": True}, 202)
