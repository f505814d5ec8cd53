"""``test_pay_url``: a buyer, or their bank, pays a Pix or a boleto. By POST, or by the button of a page."""

import secrets
import string

from renga.kernel.clock import to_datetime
from renga.simulators.payment_provider.desk import ProviderDesk, new_token
from renga.simulators.payment_provider.faults import DrawnFault
from renga.simulators.payment_provider.model.card_numbers import WEBHOOK_FATES
from renga.simulators.payment_provider.model.charge import CapturedPart, Charge, ProviderProblem
from renga.simulators.payment_provider.model.paying import aged, paid
from renga.simulators.payment_provider.model.views import payment_view
from renga.simulators.payment_provider.pages.paying_page import paying_page
from renga.simulators.payment_provider.wire import HTML, ProviderAnswer, ProviderRequest, Routes, json_answer

DAYS_MAX = 400
_ISPB = "99999999"
_ALPHANUMERIC = string.ascii_letters + string.digits


class BuyersApi:
    """Whoever knows a payment's unguessable id may pay it."""

    def __init__(self, desk: ProviderDesk) -> None:
        self._desk = desk

    def add_to(self, routes: Routes) -> None:
        routes.add("GET", "/test/pay/*", self._page)
        routes.add("POST", "/test/pay/*", self._pay)

    def _page(self, request: ProviderRequest) -> ProviderAnswer:
        charge = self._asynchronous(request)
        return ProviderAnswer(200, paying_page(charge, request), HTML)

    def _asynchronous(self, request: ProviderRequest) -> Charge:
        charge = self._desk.get(request.parts[0])
        if charge.method == "card":
            raise ProviderProblem(404, "payment_not_found", "there is no such Pix or boleto")
        return charge

    def _pay(self, request: ProviderRequest) -> ProviderAnswer:
        desk = self._desk
        charge = self._asynchronous(request)
        fate = f"webhook_{request.query['webhook']}" if "webhook" in request.query else None
        if fate is not None and fate not in WEBHOOK_FATES:
            raise ProviderProblem(422, "invalid_request", "webhook is lost, twice, late or before", field="webhook")
        if fate is not None:
            desk.use_fault(DrawnFault(webhook=fate))
        at_ms = desk.now_ms() + request.number("days", 0, 0, DAYS_MAX) * 86_400_000
        while (change := aged(charge, at_ms, new_token("dp"))) is not None:
            charge = desk.write(change)
        amount = request.number("amount", charge.amount, 1, 2**53 - 1)
        end_to_end = end_to_end_id(at_ms) if charge.method == "pix" else None
        part = CapturedPart(id=new_token("cap"), amount=amount, at_ms=at_ms, end_to_end=end_to_end)
        change = paid(charge, part, desk.fees, desk.timing)
        if charge.origin == "pix_api" and end_to_end and charge.pix:
            desk.cobs.received(end_to_end, charge.pix.txid, charge.id, part.id, at_ms)
        charge = desk.write(change)
        if request.wants_html:
            return ProviderAnswer(200, paying_page(charge, request, just_paid=True), HTML)
        return json_answer(payment_view(charge, desk.base_url))


def end_to_end_id(at_ms: int) -> str:
    """E, the bank's ISPB, minute (UTC), eleven letters and digits: 32 characters, as SPI has them."""
    tail = "".join(secrets.choice(_ALPHANUMERIC) for _ in range(11))
    return f"E{_ISPB}{to_datetime(at_ms):%Y%m%d%H%M}{tail}"
