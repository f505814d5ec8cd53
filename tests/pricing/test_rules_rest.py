"""Tax tables and the rules of channels over HTTP."""

from typing import Any

import msgspec
import pytest

from renga.domains.pricing.contract import TaxTables
from tests.face_clients import FaceClients
from tests.pricing.house import ADMIN, MANAGER, POTTER, House

TAXES = {
    "zones": [{"id": "DE", "countries": ["DE"]}, {"id": "BSB", "countries": ["DE"], "postal_prefixes": ["78"]}],
    "rates": [{"zone": "DE", "category": "standard", "name": "USt", "rate_ppm": 190_000, "starts_on": "2021-01-01"}],
}


async def test_tax_tables_are_read_and_replaced_whole(clients: FaceClients, house: House) -> None:
    admin, path = clients.as_(ADMIN), "/v1/pricing/taxes"
    assert (await admin.get(path)).json() == {}
    put = await admin.put(path, json=TAXES | {"version": 17})
    assert (put.status_code, put.json(), put.headers["etag"]) == (200, TAXES | {"version": 1}, '"1"')
    assert (await admin.get(path)).json() == put.json()
    late = await admin.put(path, json={}, headers={"if-match": '"0"'})
    assert (late.status_code, late.json()["version"]) == (412, 1)
    assert (await admin.put(path, json={}, headers={"if-match": '"1"'})).json() == {"version": 2}
    assert [(one.type, one.data) for one in await house.events()] == [
        ("pricing.TaxTablesChanged", {"version": 1}),
        ("pricing.TaxTablesChanged", {"version": 2}),
    ]


ZONE = {"id": "DE", "countries": ["DE"]}
RATE = {"zone": "DE", "category": "standard", "name": "USt", "rate_ppm": 1}


@pytest.mark.parametrize(
    ("tables", "field"),
    [
        ({"zones": [ZONE, ZONE]}, "zones"),
        ({"zones": [{"id": "DE", "countries": ["Germany"]}]}, "zones[0].countries"),
        ({"zones": [ZONE], "rates": [RATE | {"zone": "FR"}]}, "rates[0].zone"),
        ({"zones": [ZONE], "rates": [RATE, RATE | {"name": ""}]}, "rates[1]"),
        ({"zones": [ZONE], "rates": [RATE | {"category": "reduced"}]}, "rates[0]"),
        ({"zones": [ZONE], "rates": [RATE | {"starts_on": "2027-02-30"}]}, "rates[0].starts_on"),
        ({"zones": [ZONE], "rates": [RATE | {"starts_on": "2027-01-02", "ends_on": "2027-01-02"}]}, "rates[0].ends_on"),
        ({"zones": [ZONE, ZONE | {"id": "D\n"}]}, "zones[1].id"),
        ({"zones": [ZONE | {"countries": ["D1"]}]}, "zones[0].countries"),
        ({"zones": [ZONE | {"regions": ["BY", "Bavaria"]}]}, "zones[0].regions"),
        ({"zones": [ZONE | {"regions": ["by"]}]}, "zones[0].regions"),
        ({"zones": [ZONE | {"postal_prefixes": ["8", "--"]}]}, "zones[0].postal_prefixes"),
        ({"zones": [ZONE | {"postal_prefixes": [""]}]}, "zones[0].postal_prefixes"),
        ({"zones": [ZONE], "rates": [RATE, RATE | {"category": " reduced"}]}, "rates[1]"),
        ({"zones": [ZONE], "rates": [RATE, RATE]}, "rates[1]"),
        (
            {"zones": [ZONE], "rates": [RATE | {"ends_on": "2027-07-01"}, RATE | {"starts_on": "2027-06-30"}]},
            "rates[1]",
        ),
    ],
)
async def test_tables_that_are_none_are_refused(
    clients: FaceClients, house: House, tables: dict[str, Any], field: str
) -> None:
    answer = await clients.as_(ADMIN).put("/v1/pricing/taxes", json=tables)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "tax_tables_invalid", field)
    assert await house.events() == []


async def test_the_rules_of_a_channel_fall_back_to_those_of_every_channel(clients: FaceClients, house: House) -> None:
    admin = clients.as_(ADMIN)
    assert (await admin.get("/v1/pricing/rules/web")).json() == {}
    every = {"prices_include_tax": False, "time_zone": "Europe/Berlin"}
    assert (await admin.put("/v1/pricing/rules/*", json=every)).json() == every
    assert (await admin.get("/v1/pricing/rules/web")).json() == every
    assert (await admin.put("/v1/pricing/rules/web", json={"tax_rounding": "line"})).status_code == 200
    assert (await admin.get("/v1/pricing/rules/web")).json() == {"tax_rounding": "line"}
    assert (await admin.get("/v1/pricing/rules/app")).json() == every
    assert [(one.data["channel"], one.sequence) for one in await house.events()] == [("*", 1), ("web", 1)]


@pytest.mark.parametrize(
    ("channel", "policy", "field"),
    [
        ("web", {"time_zone": "Mars/Olympus"}, "time_zone"),
        ("web", {"time_zone": "../../etc/passwd"}, "time_zone"),
        ("web", {"seller_country": "de"}, "seller_country"),
        ("Web Shop", {}, "channel"),
        ("web", {"rates": [{"base": "EUR", "quote": "EUR", "rate_ppm": 1, "date": "2027-01-01", "source": "x"}]}, "rates[0]"),
        ("web", {"rates": [{"base": "EUR", "quote": "BRL", "rate_ppm": 1, "date": "2027-13-01", "source": "x"}]},
         "rates[0].date"),
        ("web", {"rates": [{"base": "EUR", "quote": "BRL", "rate_ppm": 1, "date": "2027-01-01", "source": " "}]},
         "rates[0].source"),
        ("web", {"seller_country": "D1"}, "seller_country"),
    ],
)  # fmt: skip
async def test_rules_that_are_none_are_refused(
    clients: FaceClients, channel: str, policy: dict[str, Any], field: str
) -> None:
    answer = await clients.as_(ADMIN).put(f"/v1/pricing/rules/{channel}", json=policy)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "policy_invalid", field)


async def test_rules_belong_to_the_whole_shop(clients: FaceClients) -> None:
    for who, status in ((None, 401), (POTTER, 403)):
        client = clients.as_(who)
        answers = [await client.put("/v1/pricing/taxes", json={}), await client.put("/v1/pricing/rules/web", json={})]
        assert {answer.status_code for answer in answers} == {status}


async def test_a_rate_may_follow_itself_and_stand_beside_another_tax(house: House) -> None:
    rates = [RATE | {"ends_on": "2027-07-01"}, RATE | {"starts_on": "2027-07-01"}, RATE | {"name": "City"}]
    tables = msgspec.convert({"zones": [ZONE], "rates": rates}, TaxTables)
    assert len((await house.pricing.replace_tax_tables(MANAGER, tables)).rates) == 3
