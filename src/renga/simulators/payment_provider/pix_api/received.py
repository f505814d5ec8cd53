"""``/pix``: money that came in, and refunds of it; ``/webhook``: where messages about a key go."""

import re
from collections.abc import Callable

import msgspec

from renga.kernel.clock import rfc3339
from renga.simulators.payment_provider.desk import ProviderDesk, new_token
from renga.simulators.payment_provider.model.charge import CapturedPart, Charge, ProviderProblem, RefundPart
from renga.simulators.payment_provider.model.deciding import refund
from renga.simulators.payment_provider.model.paying import left_of
from renga.simulators.payment_provider.model.pix_documents import DEVOLUCAO_ID, NovaDevolucao, NovoWebhook
from renga.simulators.payment_provider.model.pix_messages import cents_of, devolucao_of, pix_of
from renga.simulators.payment_provider.pix_api.errors import PixApiProblem
from renga.simulators.payment_provider.pix_api.listing import listed, period_of
from renga.simulators.payment_provider.storage.cobs import PixWebhook
from renga.simulators.payment_provider.wire import Handler, ProviderAnswer, ProviderRequest, Routes, json_answer


class ReceivedPix:
    """Handlers of ``/pix`` and ``/webhook``."""

    def __init__(self, desk: ProviderDesk) -> None:
        self._desk = desk
        self._new = msgspec.json.Decoder(NovaDevolucao)
        self._webhook = msgspec.json.Decoder(NovoWebhook)

    def add_to(self, routes: Routes, guarded: Callable[[Handler], Handler]) -> None:
        base = "/pix-api/v2"
        routes.add("GET", f"{base}/pix", guarded(self._list))
        routes.add("GET", f"{base}/pix/*", guarded(self._get))
        routes.add("PUT", f"{base}/pix/*/devolucao/*", guarded(self._give_back))
        routes.add("GET", f"{base}/pix/*/devolucao/*", guarded(self._given_back))
        routes.add("PUT", f"{base}/webhook/*", guarded(self._put_webhook))
        routes.add("GET", f"{base}/webhook/*", guarded(self._get_webhook))
        routes.add("DELETE", f"{base}/webhook/*", guarded(self._delete_webhook))
        routes.add("GET", f"{base}/webhook", guarded(self._list_webhooks))

    def _found(self, end_to_end: str) -> tuple[Charge, CapturedPart]:
        charge_id = self._desk.cobs.charge_of_pix(end_to_end)
        if charge_id is None:
            raise PixApiProblem(404, "NaoEncontrado", "there is no such Pix")
        charge = self._desk.get(charge_id)
        return charge, next(part for part in charge.captures if part.end_to_end == end_to_end)

    def _get(self, request: ProviderRequest) -> ProviderAnswer:
        return json_answer(pix_of(*self._found(request.parts[0])))

    def _list(self, request: ProviderRequest) -> ProviderAnswer:
        from_ms, to_ms = period_of(request)
        found = [self._found(end_to_end) for end_to_end, _ in self._desk.cobs.received_between(from_ms, to_ms)]
        wanted = request.query.get("txid")
        said = [pix_of(charge, part) for charge, part in found if charge.pix and wanted in (None, charge.pix.txid)]
        return listed(request, "pix", said)

    def _give_back(self, request: ProviderRequest) -> ProviderAnswer:
        end_to_end, name = request.parts
        wish = request.json(self._new)
        if not re.fullmatch(DEVOLUCAO_ID, name):
            raise PixApiProblem(400, "PixDevolucaoInvalida", "id has 1 to 35 letters and digits", "id")
        charge, part = self._found(end_to_end)
        amount = cents_of(wish.valor)
        kept = _named(charge, part, name)
        if kept is not None:
            if kept.amount != amount:
                raise PixApiProblem(
                    400, "PixDevolucaoInvalida", "this id was used for another amount", "devolucao.valor"
                )
            return json_answer(devolucao_of(kept), 201)
        if not 1 <= amount <= left_of(charge, part):
            raise PixApiProblem(
                400, "PixDevolucaoInvalida", "valor is more than is left of this Pix", "devolucao.valor"
            )
        return json_answer(devolucao_of(self._refunded(charge, part, name, amount, wish)), 201)

    def _refunded(self, charge: Charge, part: CapturedPart, name: str, amount: int, wish: NovaDevolucao) -> RefundPart:
        desk = self._desk
        try:
            change = desk.decided(
                charge,
                lambda one: refund(
                    one,
                    amount,
                    desk.now_ms(),
                    new_token("re"),
                    desk.timing,
                    reason=wish.descricao or "",
                    name=name,
                    part=part.id,
                ),
            )
        except ProviderProblem as problem:
            raise PixApiProblem(400, "PixDevolucaoInvalida", problem.detail, "devolucao.valor") from None
        if change.outcome == "refused":
            raise PixApiProblem(400, "PixDevolucaoInvalida", "the bank refuses this refund", "devolucao")
        charge = desk.write(change, key=name)
        made = _named(charge, part, name)
        assert made is not None
        return made

    def _given_back(self, request: ProviderRequest) -> ProviderAnswer:
        charge, part = self._found(request.parts[0])
        made = _named(charge, part, request.parts[1])
        if made is None:
            raise PixApiProblem(404, "NaoEncontrado", "there is no such refund")
        return json_answer(devolucao_of(made))

    def _put_webhook(self, request: ProviderRequest) -> ProviderAnswer:
        key = request.parts[0]
        if not 1 <= len(key) <= 77:
            raise PixApiProblem(400, "WebhookOperacaoInvalida", "a key has 1 to 77 characters", "chave")
        wish = request.json(self._webhook)
        self._desk.cobs.put_webhook(PixWebhook(key, wish.webhook_url, self._desk.now_ms()))
        return ProviderAnswer(200)

    def _get_webhook(self, request: ProviderRequest) -> ProviderAnswer:
        webhook = self._desk.cobs.webhook_of(request.parts[0])
        if webhook is None:
            raise PixApiProblem(404, "NaoEncontrado", "this key has no webhook")
        return json_answer(_said(webhook))

    def _delete_webhook(self, request: ProviderRequest) -> ProviderAnswer:
        if not self._desk.cobs.forget_webhook(request.parts[0]):
            raise PixApiProblem(404, "NaoEncontrado", "this key has no webhook")
        return ProviderAnswer(204)

    def _list_webhooks(self, request: ProviderRequest) -> ProviderAnswer:
        return listed(request, "webhooks", [_said(one) for one in self._desk.cobs.webhooks()])


def _named(charge: Charge, part: CapturedPart, name: str) -> RefundPart | None:
    return next((one for one in charge.refunds if one.part == part.id and one.name == name), None)


def _said(webhook: PixWebhook) -> dict[str, str]:
    return {"webhookUrl": webhook.url, "chave": webhook.key, "criacao": rfc3339(webhook.created_ms)}
