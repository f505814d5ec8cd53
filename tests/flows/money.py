"""Something of everything that payments can be asked for, made on a running shop by its API and its simulated provider."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.flows.shop import Shop

CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
ACCOUNT = {
    "account": {"bank": "001", "branch": "1234", "kind": "bank_br", "number": "987654-3"},
    "holder": "Olaria Ltda",
    "tax_id": "12345678000195",
}
AMOUNT = {"amount": 10_000, "currency": "BRL"}
#: Nothing of today is paid out before tomorrow: such a payout is not there.
NO_PAYOUT = "01a00000-0000-7000-8000-000000000000"


def provider_of(shop: Shop) -> tuple[str, str]:
    """The address of the shop's simulated provider, and its secret key."""
    printed = shop.run("provider", "--env").stdout
    variables = dict(line.split("=", 1) for line in printed.splitlines())
    return variables["PROVIDER"], variables["PROVIDER_KEY"]


def moved_money(client: httpx.Client, shop: Shop, merchant: str, partner: str) -> dict[str, str]:
    """The names of the parameters of payments' paths, each with something that is there: a Pix that is waiting, a captured
    card with a dispute, a gift card, a payout account, a partner."""
    provider, key = provider_of(shop)
    token = _made(httpx.post(f"{provider}/tokens", json=CARD))["token"]
    shares = [{"kind": "sale", "amount": AMOUNT, "merchant": merchant}]
    card = {"reference": "order:card", "amount": AMOUNT, "method": "card", "token": token, "shares": shares}
    captured = _made(client.post("/v1/payments", json=card))
    day = captured["created_at"][:10]
    pix = _made(client.post("/v1/payments", json={"reference": "order:pix", "amount": AMOUNT, "method": "pix"}))
    with httpx.Client(base_url=provider, headers={"Authorization": f"Bearer {key}"}) as bank:
        listed = _made(bank.get("/v1/payments", params={"changed_on": day}))["items"]
        ref = next(one["id"] for one in listed if one["captured"])
        _made(bank.post(f"/test/payments/{ref}/dispute", json={"amount": 1_000}))
    _made(client.put("/v1/payment-partners/simulated", json={"account": partner}))
    _made(client.put(f"/v1/merchants/{merchant}/payout-account", json=ACCOUNT))
    gift_card = _made(client.post("/v1/gift-cards", json={"amount": AMOUNT}))
    return {
        "payment_id": pix["id"],
        "provider": "simulated",
        "dispute_id": _first(client, "/v1/disputes"),
        "payout_id": NO_PAYOUT,
        "gift_card_id": gift_card["id"],
        "account": f"merchant:{merchant}",
        "key": client.get(f"/v1/ledger/accounts/merchant:{merchant}/entries").json()["items"][0]["transaction"],
        "day": day,
    }


def _made(answer: httpx.Response) -> Mapping[str, Any]:
    assert answer.status_code in (200, 201), answer.text
    found: Mapping[str, Any] = answer.json()
    return found


def _first(client: httpx.Client, path: str) -> str:
    identifier: str = _made(client.get(path))["items"][0]["id"]
    return identifier
