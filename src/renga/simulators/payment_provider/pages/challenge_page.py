"""``/challenge/{payment}``: the buyer's bank asks whether it is them (3-D Secure); works without scripts."""

from html import escape

from renga.simulators.payment_provider.desk import ProviderDesk, new_token
from renga.simulators.payment_provider.model.charge import Charge, ProviderProblem
from renga.simulators.payment_provider.model.deciding import approved, refused
from renga.simulators.payment_provider.pages.card_page import origin_of_url, redirect, with_parameters
from renga.simulators.payment_provider.pages.layout import amount_text, csp, page
from renga.simulators.payment_provider.pages.texts import TEXTS, language_of
from renga.simulators.payment_provider.wire import HTML, ProviderAnswer, ProviderRequest, Routes


class ChallengePage:
    """Whoever knows the payment's unguessable id is the buyer."""

    def __init__(self, desk: ProviderDesk) -> None:
        self._desk = desk

    def add_to(self, routes: Routes) -> None:
        routes.add("GET", "/challenge/*", self._show)
        routes.add("POST", "/challenge/*", self._answer)

    def _charge(self, request: ProviderRequest) -> Charge:
        charge = self._desk.get(request.parts[0])
        if charge.method != "card":
            raise ProviderProblem(404, "payment_not_found", "there is no such payment")
        return charge

    def _show(self, request: ProviderRequest) -> ProviderAnswer:
        charge, language = self._charge(request), language_of(request)
        texts = TEXTS[language]
        if charge.state != "action_needed":
            return self._done(charge, request)
        said = texts["challenge_text"].format(
            amount=amount_text(
                charge.instalments.total if charge.instalments else charge.amount, charge.currency, language
            ),
            last4=charge.card.last4 if charge.card else "",
        )
        body = (
            f'<p>{escape(said)}</p><form method="post" action="/challenge/{charge.id}?lang={language}">'
            f'<button name="decision" value="approve">{escape(texts["approve"])}</button>'
            f'<button name="decision" value="fail" class="second">{escape(texts["fail"])}</button></form>'
        )
        action = f"'self' {origin_of_url(charge.return_url)}" if charge.return_url else "'self'"
        return ProviderAnswer(200, page(language, texts["challenge_title"], body), HTML, (csp(form_action=action),))

    def _answer(self, request: ProviderRequest) -> ProviderAnswer:
        charge, desk = self._charge(request), self._desk
        decision = request.form().get("decision") or request.query.get("decision", "")
        if decision not in ("approve", "fail"):
            raise ProviderProblem(422, "invalid_request", "decision is approve or fail", field="decision")
        if charge.state == "action_needed":
            now_ms = desk.now_ms()
            if decision == "fail":
                change = refused(charge, now_ms, "challenge_failed")
            elif charge.behaviour == "challenge_declined":
                change = refused(charge, now_ms, "card_declined")
            else:
                change = approved(charge, now_ms, new_token("cap"), desk.fees, desk.timing)
            charge = desk.write(change, key=charge.key)
        if charge.return_url:
            return redirect(with_parameters(charge.return_url, provider_payment=charge.id))
        return self._done(charge, request)

    def _done(self, charge: Charge, request: ProviderRequest) -> ProviderAnswer:
        language = language_of(request)
        texts = TEXTS[language]
        url = with_parameters(charge.return_url, provider_payment=charge.id) if charge.return_url else ""
        back = f'<p><a href="{escape(url)}">{escape(texts["back"])}</a></p>' if url else ""
        body = f'<p role="status">{escape(texts["challenge_done"])}</p>{back}'
        return ProviderAnswer(200, page(language, texts["challenge_title"], body), HTML, (csp(),))
