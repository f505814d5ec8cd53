"""A double of the Central Bank's Pix API in this process, as an httpx transport."""

import asyncio
import binascii
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx

Object = dict[str, Any]
TXID, RETURN_ID = re.compile(r"[a-zA-Z0-9]{26,35}"), re.compile(r"[a-zA-Z0-9]{1,35}")
REMOVED = "REMOVIDA_PELO_USUARIO_RECEBEDOR"


class Refusal(Exception):
    def __init__(self, status: int, title: str, **members: Any) -> None:
        super().__init__(title)
        self.status, self.body = status, {"title": title, "status": status, **members}


@dataclass
class PixDouble(httpx.AsyncBaseTransport):
    """``now_ms``: its clock. ``returns``: the status that a devolução gets at once."""

    now_ms: Callable[[], int]
    returns: str = "DEVOLVIDO"
    cobs: dict[str, Object] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    requests: list[tuple[str, str]] = field(default_factory=list)
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        self.requests.append((request.method, request.url.path))
        if request.url.path.endswith("/oauth/token"):
            return self._grant(request, dict(parse_qsl(body.decode())))
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return httpx.Response(401, json={"title": "Não autorizado"})
        await asyncio.sleep(0)
        parts = request.url.path.removeprefix("/pix-api/v2/").split("/")
        query = dict(parse_qsl(request.url.query.decode()))
        try:
            status, found = self._route(request.method, parts, json.loads(body or b"{}"), query)
        except Refusal as refusal:
            return httpx.Response(refusal.status, json=refusal.body)
        return httpx.Response(status, json=found)

    def _grant(self, request: httpx.Request, form: dict[str, str]) -> httpx.Response:
        basic = httpx.BasicAuth("client", "secret")
        wanted = next(basic.auth_flow(httpx.Request("POST", request.url))).headers["authorization"]
        if request.headers.get("authorization") != wanted or form.get("grant_type") != "client_credentials":
            return httpx.Response(401, json={"error": "invalid_client"})
        token = f"token{next(self.ids)}"
        self.tokens.add(token)
        return httpx.Response(200, json={"access_token": token, "token_type": "Bearer", "expires_in": 300})

    def _route(self, method: str, parts: list[str], body: Object, query: dict[str, str]) -> tuple[int, Object]:
        if parts[0] in ("cob", "cobv") and len(parts) == 2:
            return self._cob(method, parts[0], parts[1], body)
        if parts[0] in ("cob", "cobv"):
            found = [cob for cob in self.cobs.values() if cob["kind"] == parts[0]]
            return 200, _page("cobs", found, query, lambda cob: cob["calendario"]["criacao"])
        if parts == ["pix"]:
            received = [one | {"txid": id_} for id_, cob in self.cobs.items() for one in cob["pix"]]
            if "devolucaoPresente" in query:
                wanted = query["devolucaoPresente"] == "true"
                received = [one for one in received if bool(one["devolucoes"]) == wanted]
            return 200, _page("pix", received, query, lambda one: one["horario"])
        return self._give_back(parts[1], parts[3], body)

    def _cob(self, method: str, kind: str, txid: str, body: Object) -> tuple[int, Object]:
        cob = self.cobs.get(txid)
        if method == "PUT":
            return 201, self._make(kind, txid, body)
        if cob is None or cob["kind"] != kind:
            raise Refusal(404, "Não encontrado")
        if method == "PATCH":
            if cob["status"] != "ATIVA" or body != {"status": REMOVED}:
                raise Refusal(400, "Cobrança inválida")
            cob["status"] = REMOVED
        return 200, cob

    def _make(self, kind: str, txid: str, body: Object) -> Object:
        if not TXID.fullmatch(txid):
            raise Refusal(400, "txid inválido")
        if txid in self.cobs:
            raise Refusal(409, "txid já utilizado")
        if not re.fullmatch(r"\d{1,10}\.\d{2}", body["valor"]["original"]) or float(body["valor"]["original"]) == 0:
            raise Refusal(400, "Cobrança inválida", violacoes=[{"propriedade": "cob.valor.original", "razao": "zero"}])
        if kind == "cobv" and not {"nome"} < set(body.get("devedor", {})):
            raise Refusal(400, "Cobrança inválida", violacoes=[{"propriedade": "cobv.devedor", "razao": "falta"}])
        self.cobs[txid] = {
            "txid": txid,
            "kind": kind,
            "status": "ATIVA",
            "calendario": {"criacao": self.now(), **body["calendario"]},
            "valor": body["valor"],
            "chave": body["chave"],
            "pixCopiaECola": br_code(f"pix.example/qr/{txid}"),
            "pix": [],
        }
        return self.cobs[txid]

    def _give_back(self, end_to_end: str, identifier: str, body: Object) -> tuple[int, Object]:
        received = next((p for c in self.cobs.values() for p in c["pix"] if p["endToEndId"] == end_to_end), None)
        if received is None or not RETURN_ID.fullmatch(identifier):
            raise Refusal(404, "Não encontrado")
        if any(one["id"] == identifier for one in received["devolucoes"]):
            raise Refusal(400, "Devolução inválida", detail="id já utilizado")
        gone = sum(_cents(one["valor"]) for one in received["devolucoes"] if one["status"] != "NAO_REALIZADO")
        if not 0 < _cents(body["valor"]) <= _cents(received["valor"]) - gone:
            raise Refusal(
                400, "Devolução inválida", violacoes=[{"propriedade": "pix.devolucao.valor", "razao": "alto"}]
            )
        made = {
            "id": identifier,
            "rtrId": f"D{next(self.ids):031d}",
            "valor": body["valor"],
            "status": self.returns,
            "horario": {"solicitacao": self.now()},
        }
        received["devolucoes"].append(made)
        return 201, made

    def pay(self, txid: str, value: str | None = None) -> Object:
        """The buyer pays; also late, also twice."""
        cob = self.cobs[txid]
        paid: Object = {
            "endToEndId": f"E{next(self.ids):031d}",
            "txid": txid,
            "valor": value or cob["valor"]["original"],
            "horario": self.now(),
            "devolucoes": [],
        }
        cob["pix"].append(paid)
        cob["status"] = "CONCLUIDA" if cob["status"] == "ATIVA" else cob["status"]
        return paid

    def message(self, txid: str) -> bytes:
        """The body of a webhook: what arrived for a charge, with what went back."""
        return json.dumps({"pix": self.cobs[txid]["pix"]}).encode()

    def now(self) -> str:
        moment = datetime.fromtimestamp(self.now_ms() / 1000, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def br_code(location: str) -> str:
    """A dynamic BR Code (Manual do BR Code, Banco Central): EMV fields, closed by a CRC-16."""

    def tlv(name: str, value: str) -> str:
        return f"{name}{len(value):02d}{value}"

    account = tlv("00", "br.gov.bcb.pix") + tlv("25", location)
    fields = tlv("00", "01") + tlv("26", account) + tlv("52", "0000") + tlv("53", "986") + tlv("58", "BR")
    text = fields + tlv("59", "LOJA") + tlv("60", "SAO PAULO") + tlv("62", tlv("05", "***")) + "6304"
    return text + f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def _cents(value: str) -> int:
    return int(value.replace(".", ""))


def _page(name: str, found: list[Object], query: dict[str, str], time_of: Callable[[Object], str]) -> Object:
    first, last = (datetime.fromisoformat(query[bound]) for bound in ("inicio", "fim"))
    inside = [one for one in found if first <= datetime.fromisoformat(time_of(one)) <= last + timedelta(0)]
    size, number = int(query["paginacao.itensPorPagina"]), int(query["paginacao.paginaAtual"])
    pages = -(-len(inside) // size) or 1
    paging = {"paginaAtual": number, "itensPorPagina": size, "quantidadeDePaginas": pages}
    return {"parametros": {"paginacao": paging}, name: inside[number * size : (number + 1) * size]}
