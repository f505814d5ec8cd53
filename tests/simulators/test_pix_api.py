"""The Pix API of the Central Bank, as the simulated provider serves it."""

import re
from typing import Any

import httpx
import pytest

from renga.simulators.payment_provider.formulas.brcode import is_whole
from tests.simulators.provider import Provider

TXID = "a" * 26
COB = {"calendario": {"expiracao": 3600}, "valor": {"original": "37.00"}, "chave": "loja@exemplo.com"}
API = "/pix-api/v2"


async def _client(provider: Provider) -> httpx.AsyncClient:
    secret = provider.desk.secret.pix.decode()
    answer = await provider.anonymous.post(
        "/pix-api/oauth/token", data={"grant_type": "client_credentials"}, auth=("renga", secret)
    )
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    provider.anonymous.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    return provider.anonymous


async def _paid(provider: Provider, pix: httpx.AsyncClient, txid: str = TXID) -> dict[str, Any]:
    cob = (await pix.put(f"{API}/cob/{txid}", json=COB)).json()
    assert (await pix.post(cob["test_pay_url"])).status_code == 200
    said: dict[str, Any] = (await pix.get(f"{API}/cob/{txid}")).json()
    return said


async def test_a_charge_is_made_read_revised_and_removed(provider: Provider) -> None:
    pix = await _client(provider)
    made = await pix.put(f"{API}/cob/{TXID}", json=COB)
    assert made.status_code == 201
    cob = made.json()
    assert {name: cob[name] for name in ("txid", "status", "revisao", "valor", "chave")} == {
        "txid": TXID, "status": "ATIVA", "revisao": 0, "valor": {"original": "37.00"}, "chave": "loja@exemplo.com",
    }  # fmt: skip
    assert cob["calendario"]["expiracao"] == 3600
    assert cob["loc"]["location"] == cob["location"]
    assert is_whole(cob["pixCopiaECola"])
    assert cob["location"] in cob["pixCopiaECola"]
    assert (await pix.get(f"{API}/cob/{TXID}")).json() == cob
    assert (await pix.get(f"http://{cob['location']}")).json() == cob

    revised = (await pix.patch(f"{API}/cob/{TXID}", json={"valor": {"original": "40.00"}})).json()
    assert (revised["valor"]["original"], revised["revisao"]) == ("40.00", 1)
    removed = (await pix.patch(f"{API}/cob/{TXID}", json={"status": "REMOVIDA_PELO_USUARIO_RECEBEDOR"})).json()
    assert (removed["status"], removed["revisao"]) == ("REMOVIDA_PELO_USUARIO_RECEBEDOR", 2)
    again = await pix.patch(f"{API}/cob/{TXID}", json={"valor": {"original": "1.00"}})
    assert again.status_code == 400
    assert again.json()["type"].endswith("/CobOperacaoInvalida")


async def test_the_same_txid_is_the_same_charge_only_with_the_same_content(provider: Provider) -> None:
    pix = await _client(provider)
    first = await pix.put(f"{API}/cob/{TXID}", json=COB)
    assert (await pix.put(f"{API}/cob/{TXID}", json=COB)).json() == first.json()
    other = await pix.put(f"{API}/cob/{TXID}", json=COB | {"valor": {"original": "1.00"}})
    assert other.status_code == 400
    assert other.json()["violacoes"][0]["propriedade"] == "txid"
    assert (await pix.get(f"{API}/cob/{TXID}")).json()["valor"]["original"] == "37.00"


async def test_without_txid_the_provider_makes_one(provider: Provider) -> None:
    pix = await _client(provider)
    cob = (await pix.post(f"{API}/cob", json=COB)).json()
    assert re.fullmatch(r"[a-zA-Z0-9]{26,35}", cob["txid"])


async def test_a_paid_charge_is_concluded_and_refunded_in_parts(provider: Provider) -> None:
    pix = await _client(provider)
    cob = await _paid(provider, pix)
    assert cob["status"] == "CONCLUIDA"
    received = cob["pix"][0]
    assert re.fullmatch(r"E99999999\d{12}[a-zA-Z0-9]{11}", received["endToEndId"])
    assert (received["valor"], received["txid"]) == ("37.00", TXID)
    refund = f"{API}/pix/{received['endToEndId']}/devolucao/d1"
    made = await pix.put(refund, json={"valor": "10.00"})
    assert (made.status_code, made.json()["status"], made.json()["valor"]) == (201, "DEVOLVIDO", "10.00")
    assert (await pix.put(refund, json={"valor": "10.00"})).json() == made.json()
    assert (await pix.put(refund, json={"valor": "11.00"})).status_code == 400
    more = await pix.put(f"{API}/pix/{received['endToEndId']}/devolucao/d2", json={"valor": "27.01"})
    assert (more.status_code, more.json()["type"].rpartition("/")[2]) == (400, "PixDevolucaoInvalida")
    assert (await pix.get(refund)).json() == made.json()
    assert (await pix.get(f"{API}/pix/{received['endToEndId']}")).json()["devolucoes"] == [made.json()]


async def test_a_refund_may_take_its_time(provider: Provider) -> None:
    pix = await _client(provider)
    received = (await _paid(provider, pix))["pix"][0]
    await provider.post("/test/faults", {"next": ["refund_pending"]})
    refund = f"{API}/pix/{received['endToEndId']}/devolucao/d1"
    assert (await pix.put(refund, json={"valor": "10.00"})).json()["status"] == "EM_PROCESSAMENTO"
    await provider.advance(60)
    assert (await pix.get(refund)).json()["status"] == "DEVOLVIDO"


async def test_webhooks_go_to_the_address_of_the_key(provider: Provider) -> None:
    pix = await _client(provider)
    url = f"{API}/webhook/loja@exemplo.com"
    assert (await pix.get(url)).status_code == 404
    assert (await pix.put(url, json={"webhookUrl": "https://shop.example/hook"})).status_code == 200
    assert (await pix.get(url)).json()["webhookUrl"] == "https://shop.example/hook"
    received = (await _paid(provider, pix))["pix"][0]
    await pix.put(f"{API}/pix/{received['endToEndId']}/devolucao/d1", json={"valor": "10.00"})
    await provider.shop.wait(2)
    assert {to for to, _, _ in provider.shop.received} == {"https://shop.example/hook/pix"}
    said = sorted((body["pix"][0] for _, body, _ in provider.shop.received), key=lambda one: len(one))
    assert said[0] == received
    assert said[1]["devolucoes"][0]["status"] == "DEVOLVIDO"
    assert (await pix.delete(url)).status_code == 204
    assert (await pix.delete(url)).status_code == 404


async def test_a_charge_that_is_due_on_a_day(provider: Provider) -> None:
    pix = await _client(provider)
    body = {
        "calendario": {"dataDeVencimento": "2099-12-31", "validadeAposVencimento": 5},
        "devedor": {"cpf": "12345678909", "nome": "Ana"},
        "valor": {"original": "10.00", "multa": {"modalidade": 2, "valorPerc": "2.00"}},
        "chave": "loja@exemplo.com",
    }
    made = await pix.put(f"{API}/cobv/{TXID}", json=body)
    assert made.status_code == 201
    assert made.json()["calendario"]["validadeAposVencimento"] == 5
    assert made.json()["devedor"]["nome"] == "Ana"
    assert (await pix.get(f"{API}/cob/{TXID}")).status_code == 404
    without = {name: value for name, value in body.items() if name != "devedor"}
    assert (await pix.put(f"{API}/cobv/{'b' * 26}", json=without)).status_code == 400


async def test_lists_have_pages_of_a_period(provider: Provider) -> None:
    pix = await _client(provider)
    for letter in "abc":
        await pix.put(f"{API}/cob/{letter * 26}", json=COB)
    await pix.post((await pix.get(f"{API}/cob/{'b' * 26}")).json()["test_pay_url"])
    period = {"inicio": "2020-01-01T00:00:00Z", "fim": "2120-01-01T00:00:00Z"}
    said = (await pix.get(f"{API}/cob", params=period | {"paginacao.itensPorPagina": "2"})).json()
    assert [cob["txid"][0] for cob in said["cobs"]] == ["a", "b"]
    assert said["parametros"]["paginacao"]["quantidadeDePaginas"] == 2
    done = (await pix.get(f"{API}/cob", params=period | {"status": "CONCLUIDA"})).json()["cobs"]
    assert [cob["txid"][0] for cob in done] == ["b"]
    assert len((await pix.get(f"{API}/pix", params=period)).json()["pix"]) == 1
    assert (await pix.get(f"{API}/pix", params={"inicio": "yesterday"})).status_code == 400


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"valor": {"original": "0.00"}}, "cob.valor.original"),
        ({"valor": {"original": "1,00"}}, ""),
        ({"valor": {"original": "12345678901.00"}}, ""),
        ({"chave": ""}, ""),
        ({"devedor": {"nome": "Ana"}}, "cob.devedor"),
        ({"calendario": {"expiracao": 0}}, ""),
    ],
)
async def test_what_is_wrong_is_refused(provider: Provider, change: dict[str, Any], field: str) -> None:
    pix = await _client(provider)
    answer = await pix.put(f"{API}/cob/{TXID}", json=COB | change)
    assert answer.status_code == 400
    assert answer.json()["type"].startswith("https://pix.bcb.gov.br/api/v2/error/")
    assert [one["propriedade"] for one in answer.json().get("violacoes", [])] == ([field] if field else [])
    assert (await pix.get(f"{API}/cob/{TXID}")).status_code == 404


async def test_a_token_is_needed_and_ends(provider: Provider) -> None:
    answer = await provider.anonymous.get(f"{API}/cob/{TXID}")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "AcessoNegado")
    wrong = await provider.anonymous.post(
        "/pix-api/oauth/token", data={"grant_type": "client_credentials", "client_id": "renga", "client_secret": "x"}
    )
    assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})
    pix = await _client(provider)
    assert (await pix.get(f"{API}/webhook")).status_code == 200
    pix.headers["authorization"] = "Bearer 000000000000." + pix.headers["authorization"].partition(".")[2]
    assert (await pix.get(f"{API}/webhook")).status_code == 403
