"""Finance over HTTP: what travels, who reaches what, problems with codes."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from renga.domains.payments.face import face_of
from renga.domains.payments.local import LocalPayments
from renga.platform.auth.principal import Principal
from tests.face_clients import FaceClients, clients_of
from tests.payments.finance.house import DAILY, PARTNER_ID, House, file, line

_SCOPES = frozenset({"payments:read", "payments:manage", "payouts:manage"})
FINANCE = Principal(subject="fin", scopes=_SCOPES, kind="session", proved_ms=2**50)
ADMIN = Principal(subject="adm", scopes=_SCOPES | {"payments:partners"}, kind="session", proved_ms=2**50)
OWNER = Principal(
    subject="owner-1",
    scopes=frozenset({"payouts:own"}),
    kind="session",
    merchants=frozenset({"olaria"}),
    proved_ms=2**50,
)
PROCESSOR = Principal(subject=PARTNER_ID, scopes=frozenset({"payments:partner"}), kind="session")
BUYER = Principal(subject="buyer", scopes=frozenset({"cart"}), kind="session")
BANK = {
    "holder": "Olaria Ltda", "tax_id": "12345678000195",
    "account": {"kind": "bank_br", "bank": "001", "branch": "1234", "number": "987654-3"},
}  # fmt: skip
RULES = {"rules": [{"basis_points": 1_000, "fixed": {"BRL": 50}, "valid_from": "2020-01-01T00:00:00Z"}]}


@pytest.fixture
async def clients(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FaceClients]:
    payments = LocalPayments(msgspec.structs.replace(house.payments, finance=house.finance.dependencies))
    async with clients_of(face_of(payments), monkeypatch) as opened:
        yield opened


async def test_rules_of_commission_are_replaced_at_their_version(clients: FaceClients) -> None:
    finance = clients.as_(FINANCE)
    assert (await finance.get("/v1/commissions")).json() == {"rules": []}
    put = await finance.put("/v1/commissions", json=RULES, headers={"if-match": '"0"'})
    assert (put.status_code, put.headers["etag"], put.json()["version"]) == (200, '"1"', 1)
    assert put.json()["rules"] == RULES["rules"]
    late = await finance.put("/v1/commissions", json=RULES, headers={"if-match": '"0"'})
    assert (late.status_code, late.json()["version"]) == (412, 1)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        ({"rules": [{"basis_points": 10_001, "valid_from": "2020-01-01T00:00:00Z"}]}, 400, "invalid_request"),
        ({"rules": [{"basis_points": 1, "valid_from": "x"}]}, 422, "commission_invalid"),
        (
            {"rules": [{"basis_points": 1, "valid_from": "2020-01-01T00:00:00Z", "merchant": "\0"}]},
            422,
            "unprocessable",
        ),
        ({"rules": [], "extra": 1}, 400, "invalid_request"),
        ({}, 400, "invalid_request"),
    ],
)
async def test_rules_that_are_none(clients: FaceClients, content: Any, status: int, code: str) -> None:
    answer = await clients.as_(FINANCE).put("/v1/commissions", json=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_payout_account_from_its_setting_to_the_details(clients: FaceClients) -> None:
    owner, finance, path = clients.as_(OWNER), clients.as_(FINANCE), "/v1/merchants/olaria/payout-account"
    assert (await owner.get(path)).status_code == 404
    put = await owner.put(path, json=BANK)
    assert put.json() == {
        "merchant": "olaria", "kind": "bank_br", "holder": "Olaria Ltda", "tax_id_last": "0195", "account_last": "54-3",
        "bank": "001", "changed_at": "2027-03-01T12:00:00.000Z",
    }  # fmt: skip
    assert "987654" not in put.text
    verified = await finance.put(f"{path}/verification", json={"version": 1})
    assert verified.json()["verified"] is True
    assert (await finance.get(f"{path}/details")).json() == BANK
    assert (await owner.get(f"{path}/details")).status_code == 403
    schedule = "/v1/merchants/olaria/payout-schedule"
    wanted = {"every": "daily", "weekday": 1, "month_day": 1, "minimum": {"BRL": 100}, "delay_days": 0}
    assert (await finance.put(schedule, json=wanted)).json() == wanted == (await owner.get(schedule)).json()
    wrong = await owner.put(path, json=BANK | {"account": {"kind": "iban", "iban": "DE89370400440532013001"}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "payout_account_invalid")
    assert (await owner.put(path, json=BANK | {"account": {"kind": "cash"}})).status_code == 400


async def test_a_payout_and_its_statement(clients: FaceClients, house: House) -> None:
    await house.account(DAILY)
    await house.sell("order:=1+1", 1_234)
    house.now("2027-03-02T00:05")
    await house.run()
    owner, finance = clients.as_(OWNER), clients.as_(FINANCE)
    (payout,) = (await owner.get("/v1/payouts?merchant=olaria&state=scheduled")).json()["items"]
    assert payout["amount"] == {"amount": 1_234, "currency": "BRL"}
    path = f"/v1/payouts/{payout['id']}"
    assert (await owner.get(path)).json() == payout
    statement = (await owner.get(f"{path}/statement")).json()
    assert (statement["sales"], statement["closing"]["amount"]) == ({"amount": 1_234, "currency": "BRL"}, 0)
    assert [(one["kind"], one["amount"]["amount"]) for one in statement["lines"]] == [("sale", 1_234)]
    text = (await owner.get(f"{path}/statement.csv")).text.splitlines()
    assert text == [
        "at,kind,reference,amount,currency",
        ",opening,,0.00,BRL",
        "2027-03-01T12:00:00.000Z,sale,order:=1+1,12.34,BRL",
        f"2027-03-02,payout,payout:{payout['id']},-12.34,BRL",
        "2027-03-02,closing,,0.00,BRL",
    ]
    assert (await owner.put(f"{path}/state", json={"state": "sent"})).status_code == 403
    assert (await finance.put(f"{path}/state", json={"state": "sent"})).json()["state"] == "sent"
    wrong = await finance.put(f"{path}/state", json={"state": "returned"})
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["state"]) == (409, "payout_state", "sent")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/payouts/x", 404, "payout_not_found"),
        ("/v1/payouts/x/statement", 404, "payout_not_found"),
        ("/v1/payouts/x/statement.csv", 404, "payout_not_found"),
        ("/v1/payouts/01890a5d-ac96-774b-bcce-b302099a8057", 404, "payout_not_found"),
        ("/v1/payouts?limit=0", 400, "invalid_request"),
        ("/v1/payouts?limit=101", 400, "invalid_request"),
        ("/v1/payouts?state=new", 400, "invalid_request"),
        ("/v1/payouts?cursor=x", 400, "finance_cursor_invalid"),
        ("/v1/payouts?cursor=WzE4NDQ2NzQ0MDczNzA5NTUxNjE2LCJ4Il0", 400, "finance_cursor_invalid"),
        ("/v1/disputes?cursor=WzEsIlx1MDAwMCIsIngiXQ", 400, "finance_cursor_invalid"),
        ("/v1/disputes?state=closed", 400, "invalid_request"),
        ("/v1/disputes/sim:none", 404, "dispute_not_found"),
        ("/v1/disputes/%00", 404, "dispute_not_found"),
        ("/v1/settlements/other", 404, "payment_provider_not_found"),
        ("/v1/settlements/sim?limit=0", 400, "invalid_request"),
        ("/v1/settlements/sim?cursor=WyJ4IiwieSJd", 400, "finance_cursor_invalid"),
        ("/v1/payment-partners/other/payments", 404, "payment_provider_not_found"),
        ("/v1/payment-partners/sim/payments?cursor=x", 400, "finance_cursor_invalid"),
        ("/v1/merchants/a%00b/payout-account", 404, "payout_account_not_found"),
        ("/v1/merchants/olaria/payout-account", 404, "payout_account_not_found"),
    ],
)
async def test_refusals(clients: FaceClients, path: str, status: int, code: str) -> None:
    answer = await clients.as_(FINANCE).get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_nobody_else_comes_in(clients: FaceClients) -> None:
    reads = [
        "/v1/commissions", "/v1/payouts", "/v1/disputes", "/v1/settlements/sim", "/v1/payment-partners/sim",
        "/v1/payment-partners/sim/payments", "/v1/merchants/olaria/payout-account", "/v1/merchants/olaria/payout-schedule",
        "/v1/merchants/olaria/payout-account/details",
    ]  # fmt: skip
    for path in reads:
        assert (await clients.as_(BUYER).get(path)).status_code == 403
        assert (await clients.as_(None).get(path)).status_code == 401
    assert (await clients.as_(FINANCE).put("/v1/payment-partners/sim", json={"account": None})).status_code == 403


async def test_a_partner_is_linked_and_reads_its_own(clients: FaceClients, house: House) -> None:
    ref = await house.sell("order:1", 1_000)
    await house.dispute(ref, "opened", 1_000)
    partner, admin = clients.as_(PROCESSOR), clients.as_(ADMIN)
    assert (await partner.get("/v1/payment-partners/sim/payments")).status_code == 404
    put = await admin.put("/v1/payment-partners/sim", json={"account": PARTNER_ID})
    assert put.json() == (await admin.get("/v1/payment-partners/sim")).json() == {"account": PARTNER_ID}
    (payment,) = (await partner.get("/v1/payment-partners/sim/payments")).json()["items"]
    assert (payment["provider_ref"], payment["captured"]) == (ref, {"amount": 1_000, "currency": "BRL"})
    (dispute,) = (await partner.get("/v1/disputes")).json()["items"]
    assert "shares" not in dispute
    assert (await partner.get(f"/v1/disputes/{dispute['id']}")).status_code == 200
    assert (await partner.get("/v1/settlements/sim")).json() == {"items": [], "next": None}
    refused = await admin.put("/v1/payment-partners/sim", json={"account": "nobody"})
    assert (refused.status_code, refused.json()["code"]) == (422, "payment_partner_invalid")


async def test_evidence(clients: FaceClients, house: House) -> None:
    name = await house.dispute(await house.sell("order:1", 1_000), "opened", 1_000)
    finance, path = clients.as_(FINANCE), f"/v1/disputes/{name}/evidence"
    key = {"idempotency-key": "k1"}
    first = await finance.post(path, json={"kind": "delivery", "text": "signed"}, headers=key)
    assert (first.status_code, [one["state"] for one in first.json()["evidence"]]) == (201, ["sent"])
    again = await finance.post(path, json={"kind": "delivery", "text": "signed"}, headers=key)
    assert again.json() == first.json()
    assert ["idempotency-replayed" in one.headers for one in (first, again)] == [False, True]
    other = await finance.post(path, json={"text": "other"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    for text, status in (("", 400), ("a" * 10_001, 400), ("\0", 422), (" ", 422)):
        assert (await finance.post(path, json={"text": text})).status_code == status
    await house.dispute("sim_1", "won", 1_000)
    closed = await finance.post(path, json={"text": "late"})
    assert (closed.status_code, closed.json()["code"]) == (409, "dispute_closed")


async def test_settlement_files_by_json_and_csv(clients: FaceClients, house: House) -> None:
    ref = await house.sell("order:1", 1_000)
    finance, path = clients.as_(FINANCE), "/v1/settlements/sim"
    content = msgspec.to_builtins(file("2027-03-01", line("l1", ref, 600, 20)))
    content.pop("provider")
    first = await finance.post(path, json=content)
    assert (first.status_code, first.json()["net"]) == (200, [{"amount": 580, "currency": "BRL"}])
    assert (await finance.post(path, json=content)).json()["again"] is True
    conflict = await finance.post(path, json=content | {"lines": []})
    assert (conflict.status_code, conflict.json()["code"]) == (409, "settlement_conflict")
    text = f"id,ref,kind,currency,gross,fee,net\nl2,{ref},capture,BRL,400,10,390\n"
    csv = {"content-type": "text/csv"}
    uploaded = await finance.post(f"{path}?id=f2&day=2027-03-02", content=text, headers=csv)
    assert (uploaded.status_code, uploaded.json()["lines"]) == (200, 1)
    assert (await house.balances())["bank:sim"] == 970
    assert [one["id"] for one in (await finance.get(path)).json()["items"]] == ["f2", "file-2027-03-01"]
    for content_type, given, query, status, code in (
        ("text/csv", text, "", 400, "invalid_request"),
        ("text/csv", "a,b\n", "?id=x&day=2027-03-02", 422, "settlement_invalid"),
        ("text/csv", text, "?id=x&day=2027-02-30", 422, "settlement_invalid"),
        ("text/plain", text, "?id=x&day=2027-03-02", 415, "unsupported_media_type"),
        ("application/json", "{", "", 400, "invalid_json"),
        ("application/json", "[" * 100_000, "", 422, "settlement_invalid"),
        ("application/json", '{"id":"x","day":"2027-03-02"}', "", 422, "settlement_invalid"),
        ("application/json", '{"id":"x","day":"2027-03-02","lines":[{}]}', "", 422, "settlement_invalid"),
    ):
        answer = await finance.post(path + query, content=given, headers={"content-type": content_type})
        assert (answer.status_code, answer.json()["code"]) == (status, code), given[:50]
    assert (await clients.as_(PROCESSOR).post(path, json=content)).status_code == 403
    assert (await house.balances())["bank:sim"] == 970
