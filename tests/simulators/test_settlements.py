"""Settlement files add up: to the cent, over instalments, parts, refunds and disputes."""

import csv
import io
from typing import Any

from tests.simulators.provider import Provider


async def _file(provider: Provider, day: str) -> dict[str, Any]:
    said: dict[str, Any] = (await provider.client.get(f"/v1/settlements/{day}")).json()
    return said


async def _today(provider: Provider) -> str:
    return str((await provider.client.get("/test/clock")).json()["now"][:10])


async def test_the_file_of_a_day_has_each_capture_refund_and_dispute(provider: Provider) -> None:
    payment = (await provider.card(amount=10_000, capture=True))["payment"]["id"]
    await provider.post(f"/v1/payments/{payment}/refunds", {"amount": 2_000})
    case = (await provider.post(f"/test/payments/{payment}/dispute", {"amount": 500})).json()["disputes"][0]["id"]
    await provider.post(f"/test/disputes/{case}/win")
    await provider.pay(await provider.asynchronous("pix", amount=1_000))
    await provider.pay(await provider.asynchronous("boleto", amount=1_000))
    file = await _file(provider, await _today(provider))
    assert [(line["kind"], line["gross"], line["fee"], line["net"]) for line in file["lines"]] == [
        ("capture", 10_000, 299, 9_701), ("refund", -2_000, 0, -2_000), ("dispute", -500, 0, -500), ("dispute_won", 500, 0, 500),
        ("capture", 1_000, 10, 990), ("capture", 1_000, 199, 801),
    ]  # fmt: skip
    assert file["totals"] == {"BRL": {"gross": 10_000, "fee": 508, "net": 9_492}}
    assert not file["final"]
    assert len({line["id"] for line in file["lines"]}) == 6


async def test_instalments_are_paid_out_one_every_thirty_days(provider: Provider) -> None:
    split = [{"recipient": "a", "amount": 333}, {"recipient": "b", "amount": 500}]
    said = await provider.card(amount=1_000, capture=True, instalments={"count": 3, "funded_by": "shop"}, split=split)
    assert said["payment"]["instalments"] == {"count": 3, "funded_by": "shop", "fee": 30, "total": 1_000, "each": 333}
    assert (await _file(provider, await _today(provider)))["lines"] == []
    lines = []
    for _ in range(3):
        await provider.advance(30 * 86_400)
        lines += (await _file(provider, await _today(provider)))["lines"]
    assert [(line["number"], line["of"], line["gross"], line["fee"]) for line in lines] == [
        (1, 3, 334, 20), (2, 3, 333, 20), (3, 3, 333, 20),
    ]  # fmt: skip
    for recipient, amount in (("a", 333), ("b", 500)):
        shares = [one["amount"] for line in lines for one in line["split"] if one["recipient"] == recipient]
        assert sum(shares) == amount


async def test_a_buyer_who_funds_instalments_pays_more_and_the_shop_gets_the_same(provider: Provider) -> None:
    said = await provider.card(amount=1_000, capture=True, instalments={"count": 3, "funded_by": "buyer"})
    assert (said["payment"]["instalments"]["total"], said["payment"]["captured"]) == (1_030, 1_000)
    await provider.advance(30 * 86_400)
    assert [line["fee"] for line in (await _file(provider, await _today(provider)))["lines"]] == [10]


async def test_files_and_totals_agree_over_parts(provider: Provider) -> None:
    payment = (await provider.card(amount=1_001, instalments={"count": 2}))["payment"]["id"]
    for amount in (333, 333, 335):
        await provider.post(f"/v1/payments/{payment}/capture", {"amount": amount, "final": False})
    await provider.post(f"/v1/payments/{payment}/refunds", {"amount": 400})
    lines = (await _file(provider, await _today(provider)))["lines"]
    for _ in range(2):
        await provider.advance(30 * 86_400)
        lines += (await _file(provider, await _today(provider)))["lines"]
    now = await provider.read(payment)
    assert sum(line["gross"] for line in lines) == now["captured"] - now["refunded"] == 601
    assert all(line["gross"] - line["fee"] == line["net"] for line in lines)


async def test_the_file_as_csv(provider: Provider) -> None:
    payment = (await provider.card(amount=10_000, capture=True))["payment"]["id"]
    day = await _today(provider)
    answer = await provider.client.get(f"/v1/settlements/{day}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (line,) = csv.DictReader(io.StringIO(answer.text))
    assert (line["payment"], line["gross"], line["fee"], line["net"]) == (payment, "10000", "299", "9701")
    by_header = await provider.client.get(f"/v1/settlements/{day}", headers={"accept": "text/csv"})
    assert by_header.text == answer.text
    assert (await provider.client.get("/v1/settlements/today")).status_code == 422


async def test_a_file_is_final_when_its_day_is_over(provider: Provider) -> None:
    day = await _today(provider)
    await provider.card(capture=True)
    await provider.advance(86_400)
    file = await _file(provider, day)
    assert (file["final"], len(file["lines"])) == (True, 1)


async def test_a_file_that_was_given_out_never_changes(provider: Provider) -> None:
    today = await _today(provider)
    await provider.card(amount=10_000, capture=True)
    await provider.post("/test/clock", {"advance_s": 86_400})
    given = await _file(provider, today)
    assert (given["final"], [line["gross"] for line in given["lines"]]) == (True, [10_000])
    await provider.post("/test/clock", {"reset": True})
    await provider.card(amount=2_000, capture=True)
    assert (await _file(provider, today))["lines"] == given["lines"]
    await provider.post("/test/clock", {"advance_s": 86_400})
    assert [line["gross"] for line in (await _file(provider, await _today(provider)))["lines"]] == [2_000]
