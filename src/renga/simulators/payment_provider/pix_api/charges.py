"""``/cob`` and ``/cobv``: charges by Pix, due at once or on a day."""

import hashlib
import re
import secrets
import string
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Literal

import msgspec
from msgspec.structs import replace

from renga.simulators.payment_provider.desk import ProviderDesk, new_token
from renga.simulators.payment_provider.formulas.brcode import dynamic_code
from renga.simulators.payment_provider.making import CITY, RECEIVER, day_from, end_of_day_ms
from renga.simulators.payment_provider.model.charge import Charge, ChargeChange, LogMove, PixTerms
from renga.simulators.payment_provider.model.deciding import voided
from renga.simulators.payment_provider.model.pix_documents import TXID, CobDocument, CobrancaRevisada, NovaCobranca
from renga.simulators.payment_provider.model.pix_messages import EXPIRACAO_S, VALIDADE_DAYS, cents_of, cob_of, status_of
from renga.simulators.payment_provider.pix_api.errors import PixApiProblem
from renga.simulators.payment_provider.pix_api.listing import listed, period_of
from renga.simulators.payment_provider.wire import (
    Handler,
    ProviderAnswer,
    ProviderRequest,
    Routes,
    encode_json,
    json_answer,
)

_ALPHANUMERIC = string.ascii_letters + string.digits
Kind = Literal["cob", "cobv"]
_ERRORS = {"cob": "CobOperacaoInvalida", "cobv": "CobVOperacaoInvalida"}


class PixCharges:
    """Handlers of both kinds."""

    def __init__(self, desk: ProviderDesk) -> None:
        self._desk = desk
        self._new = msgspec.json.Decoder(NovaCobranca)
        self._revised = msgspec.json.Decoder(CobrancaRevisada)

    def add_to(self, routes: Routes, guarded: Callable[[Handler], Handler]) -> None:
        routes.add("POST", "/pix-api/v2/cob", guarded(self._post))
        kinds: tuple[Kind, ...] = ("cob", "cobv")
        for kind in kinds:
            base = f"/pix-api/v2/{kind}"
            routes.add("PUT", f"{base}/*", guarded(partial(self._put, kind)))
            routes.add("PATCH", f"{base}/*", guarded(partial(self._patch, kind)))
            routes.add("GET", f"{base}/*", guarded(partial(self._get, kind)))
            routes.add("GET", base, guarded(partial(self._list, kind)))

    def _post(self, request: ProviderRequest) -> ProviderAnswer:
        return self._make(request, "cob", "".join(secrets.choice(_ALPHANUMERIC) for _ in range(32)))

    def _put(self, kind: Kind, request: ProviderRequest) -> ProviderAnswer:
        txid = request.parts[0]
        if not re.fullmatch(TXID, txid):
            raise PixApiProblem(400, _ERRORS[kind], "txid has 26 to 35 letters and digits", "txid")
        return self._make(request, kind, txid)

    def _make(self, request: ProviderRequest, kind: Kind, txid: str) -> ProviderAnswer:
        asked = request.json(self._new)
        digest = hashlib.sha256(kind.encode() + encode_json(asked)).digest()
        kept = self._desk.cobs.find(txid)
        if kept is not None:
            if kept.digest != digest:
                raise PixApiProblem(400, _ERRORS[kind], "this txid was used for another charge", "txid")
            return self._said(kept, self._desk.get(kept.charge), 201)
        _check(asked, kind)
        now_ms, charge_id = self._desk.now_ms(), new_token("pay")
        host = self._desk.base_url.partition("://")[2]
        location = f"{host}/pix/qr/{charge_id.removeprefix('pay_')}"
        charge = Charge(
            id=charge_id, method="pix", state="pending", amount=cents_of(asked.valor.original), currency="BRL", origin="pix_api",
            created_ms=now_ms, changed_ms=now_ms, key=txid, reference=txid, expires_ms=_expires_ms(asked, kind, now_ms),
            pix=PixTerms(
                txid=txid, payload=dynamic_code(url=location, name=RECEIVER, city=CITY), key=asked.chave, location=location
            ),
        )  # fmt: skip
        move = LogMove(kind="authorise", amount=charge.amount, outcome="pending")
        self._desk.write(ChargeChange(charge=charge, moves=(move,)), key=txid)
        cob = CobDocument(
            txid=txid, kind=kind, charge=charge_id, created_ms=now_ms, location=location, asked=asked, digest=digest
        )
        self._desk.cobs.put(cob)
        return self._said(cob, charge, 201)

    def _patch(self, kind: Kind, request: ProviderRequest) -> ProviderAnswer:
        revised, (cob, charge) = request.json(self._revised), self._found(request, kind)
        if status_of(cob, charge) != "ATIVA":
            raise PixApiProblem(400, _ERRORS[kind], f"the charge is {status_of(cob, charge)}", "status")
        if revised.status is not None:
            cob = replace(cob, removed=True, revision=cob.revision + 1)
            if charge.state == "pending":
                charge = self._desk.write(voided(charge, self._desk.now_ms()), key=cob.txid)
        else:
            given = {name: value for name, value in msgspec.structs.asdict(revised).items() if value is not None}
            asked = replace(cob.asked, **given)
            _check(asked, kind)
            cob = replace(cob, asked=asked, revision=cob.revision + 1)
            charge = replace(
                charge, amount=cents_of(asked.valor.original), expires_ms=_expires_ms(asked, kind, cob.created_ms),
                changed_ms=self._desk.now_ms(),
            )  # fmt: skip
            self._desk.write(ChargeChange(charge=charge), key=cob.txid)
        self._desk.cobs.put(cob)
        return self._said(cob, charge, 200)

    def _get(self, kind: Kind, request: ProviderRequest) -> ProviderAnswer:
        return self._said(*self._found(request, kind), 200)

    def _list(self, kind: Kind, request: ProviderRequest) -> ProviderAnswer:
        from_ms, to_ms = period_of(request)
        found = [(cob, self._desk.charges.get(cob.charge)) for cob in self._desk.cobs.between(kind, from_ms, to_ms)]
        wanted = request.query.get("status")
        chosen = [one for one in found if wanted in (None, status_of(*one))]
        said = [cob_of(cob, charge, self._desk.base_url) for cob, charge in chosen]
        return listed(request, "cobs", said)

    def _found(self, request: ProviderRequest, kind: Kind) -> tuple[CobDocument, Charge]:
        cob = self._desk.cobs.find(request.parts[0])
        if cob is None or cob.kind != kind:
            raise PixApiProblem(404, "NaoEncontrado", "there is no such charge")
        return cob, self._desk.get(cob.charge)

    def _said(self, cob: CobDocument, charge: Charge, status: int) -> ProviderAnswer:
        return json_answer(cob_of(cob, charge, self._desk.base_url), status)


def _check(asked: NovaCobranca, kind: Kind) -> None:
    if cents_of(asked.valor.original) < 1:
        raise PixApiProblem(400, _ERRORS[kind], "valor.original is more than zero", "cob.valor.original")
    payer = asked.devedor
    if payer is not None and ((payer.cpf is None) == (payer.cnpj is None) or not payer.nome):
        raise PixApiProblem(400, _ERRORS[kind], "devedor has nome and one of cpf and cnpj", "cob.devedor")
    if kind == "cobv":
        if payer is None or not asked.calendario.data_de_vencimento:
            raise PixApiProblem(
                400, _ERRORS[kind], "a cobv has devedor and calendario.dataDeVencimento", "cobv.calendario"
            )
        day_from(asked.calendario.data_de_vencimento, "cobv.calendario.dataDeVencimento")


def _expires_ms(asked: NovaCobranca, kind: Kind, created_ms: int) -> int:
    if kind == "cob":
        return created_ms + (asked.calendario.expiracao or EXPIRACAO_S) * 1_000
    validade = asked.calendario.validade_apos_vencimento
    due = day_from(asked.calendario.data_de_vencimento or "", "cobv.calendario.dataDeVencimento")
    return end_of_day_ms(due + timedelta(days=VALIDADE_DAYS if validade is None else validade))
