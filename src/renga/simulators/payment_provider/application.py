"""The provider as an ASGI application: finds the handler, simulates faults, answers."""

import asyncio
import sys
import traceback
from typing import Any

from renga.simulators.payment_provider.delivery import Delivery
from renga.simulators.payment_provider.desk import ProviderDesk
from renga.simulators.payment_provider.faults import NO_FAULT, DrawnFault
from renga.simulators.payment_provider.http.fail_once import check_first_failure
from renga.simulators.payment_provider.http.payments_api import PaymentsApi
from renga.simulators.payment_provider.http.settlements import SettlementsApi
from renga.simulators.payment_provider.http.simulation_api import SimulationApi
from renga.simulators.payment_provider.http.tokens import TokensApi, cors_headers
from renga.simulators.payment_provider.model.charge import Charge, ProviderProblem
from renga.simulators.payment_provider.model.views import payment_view
from renga.simulators.payment_provider.pages.buyers import BuyersApi
from renga.simulators.payment_provider.pages.card_page import CardPages
from renga.simulators.payment_provider.pages.challenge_page import ChallengePage
from renga.simulators.payment_provider.pages.layout import csp
from renga.simulators.payment_provider.pix_api.errors import pix_problem_answer
from renga.simulators.payment_provider.pix_api.routes import add_pix_api
from renga.simulators.payment_provider.wire import (
    HTML,
    ProviderAnswer,
    ProviderRequest,
    Routes,
    json_answer,
    problem_answer,
)

BODY_BYTES_MAX = 262_144
#: How long an answer waits for the message that goes before it.
FIRST_S = 5.0
_PIX = "/pix-api/"


class ProviderApplication:
    """Handlers are synchronous, so requests act one after the other; only waiting is not."""

    def __init__(self, desk: ProviderDesk, delivery: Delivery) -> None:
        self._desk, self._delivery = desk, delivery
        self.routes = Routes()
        parts = (PaymentsApi, SettlementsApi, SimulationApi, TokensApi, BuyersApi, CardPages, ChallengePage)
        for part in parts:
            part(desk).add_to(self.routes)
        add_pix_api(desk, self.routes)
        self.routes.add("GET", "/healthz", lambda _: json_answer({"status": "ok", "test": True}))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        request = ProviderRequest(scope["method"], scope["path"], scope["query_string"], headers, b"")
        body = await _body(receive)
        if body is None:
            answer = problem_answer(ProviderProblem(413, "body_too_large", f"at most {BODY_BYTES_MAX} bytes"))
        else:
            request.body = body
            answer = await self._answer(request)
        if request.path == "/tokens" and answer.status >= 400:
            answer.headers = cors_headers(request, self._desk.settings.shop_origins)
        await _send(send, answer, request)

    async def _answer(self, request: ProviderRequest) -> ProviderAnswer:
        fault = self._desk.draw_fault() if _may_fail(request) else NO_FAULT
        if fault.slow_ms:
            await asyncio.sleep(fault.slow_ms / 1_000)
        if fault.timeout == "before":
            return await self._held(fault, None)
        if fault.error == "before":
            return _server_error(request)
        answer = self._handled(request, fault)
        if answer.first:
            await self._delivery.first(answer.first, FIRST_S)
        if answer.hold or fault.timeout == "after":
            return await self._held(fault, answer)
        return _server_error(request) if fault.error == "after" else answer

    async def _held(self, fault: DrawnFault, answer: ProviderAnswer | None) -> ProviderAnswer:
        await asyncio.sleep(self._desk.settings.hang_s if fault.hang_s is None else fault.hang_s)
        return answer or problem_answer(ProviderProblem(504, "timeout", "this request was to time out"))

    def _handled(self, request: ProviderRequest, fault: DrawnFault) -> ProviderAnswer:
        try:
            handler = self.routes.find(request)
            if request.path == "/v1/payments" and request.method == "POST":
                check_first_failure(self._desk, request)
            with self._desk.serving(fault) as first:
                answer = handler(request)
            answer.first = first
            return answer
        except ProviderProblem as problem:
            return _problem(request, problem, self._desk.base_url)
        except Exception:
            # the request's values stay out of the log: they may be a card's
            print("provider: a request failed", file=sys.stderr)
            traceback.print_exc(file=sys.stderr)
            return _server_error(request)


def _may_fail(request: ProviderRequest) -> bool:
    """Requests that move money meet faults; pages, reads and ``/test`` do not."""
    if request.path.startswith("/v1/"):
        return request.method == "POST"
    if request.path.startswith(_PIX):
        return request.method in ("PUT", "PATCH", "POST") and not request.path.startswith(
            ("/pix-api/oauth/", "/pix-api/v2/webhook")
        )
    return False


def _server_error(request: ProviderRequest) -> ProviderAnswer:
    return _problem(request, ProviderProblem(500, "provider_error", "the provider has a problem"), "")


def _problem(request: ProviderRequest, problem: ProviderProblem, base: str) -> ProviderAnswer:
    if request.path.startswith(_PIX):
        return pix_problem_answer(problem)
    members = {
        name: payment_view(value, base) if isinstance(value, Charge) else value
        for name, value in problem.members.items()
    }
    return problem_answer(problem, members)


async def _body(receive: Any) -> bytes | None:
    """None: it is too large."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        parts, size = [body], len(body)
        while message.get("more_body"):
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > BODY_BYTES_MAX:
                return None
        body = b"".join(parts)
    return body if len(body) <= BODY_BYTES_MAX else None


async def _send(send: Any, answer: ProviderAnswer, request: ProviderRequest) -> None:
    headers = [(b"content-length", b"%d" % len(answer.body)), (b"renga-provider", b"test"), *answer.headers]
    if answer.body:
        headers += [(b"content-type", answer.content_type), (b"x-content-type-options", b"nosniff")]
        if answer.content_type == HTML:
            headers.append((b"referrer-policy", b"no-referrer"))
            if not any(name == b"content-security-policy" for name, _ in answer.headers):
                headers.append(csp())
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else answer.body})
