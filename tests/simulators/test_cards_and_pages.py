"""Tokens, the card field, challenge and payment pages of the simulated provider."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from renga.simulators.payment_provider.pages.texts import TEXTS
from tests.simulators.provider import GOOD, Provider, provider_in

CARD = {"number": GOOD, "exp_month": 12, "exp_year": 2040, "cvc": "123"}
SHOP = "https://shop.example"
CHALLENGE, CHALLENGE_DECLINED = "4000002500003155", "4000008400001629"


class Page(HTMLParser):
    """Checks that every tag is closed, and keeps what tests ask for."""

    _VOID = frozenset({"meta", "link", "input", "img"})

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.open: list[str] = []
        self.labels: list[str] = []
        self.fields: dict[str, dict[str, str | None]] = {}
        self.language = ""
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        self.feed(answer.text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "html":
            self.language = found["lang"] or ""
        if tag == "label":
            self.labels.append(found["for"] or "")
        if tag == "input":
            self.fields[found["name"] or ""] = found
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"number": "1234567890123452"}, "incorrect_number", "number"),
        ({"number": ""}, "incorrect_number", "number"),
        ({"number": "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"}, "incorrect_number", "number"),
        ({"exp_year": 2020}, "expired_card", "exp_year"),
        ({"exp_year": 20}, "expired_card", "exp_year"),
        ({"exp_month": 13}, "invalid_expiry", "exp_month"),
        ({"exp_year": 10**30}, "invalid_expiry", "exp_month"),
        ({"exp_year": 3_000}, "invalid_expiry", "exp_month"),
        ({"cvc": "12"}, "invalid_cvc", "cvc"),
        ({"cvc": "abc"}, "invalid_cvc", "cvc"),
        ({"number": "378282246310005"}, "invalid_cvc", "cvc"),
        ({"number": 4242424242424242}, "invalid_request", None),
        ({"unknown": 1}, "invalid_request", None),
    ],
)
async def test_a_card_that_is_wrong_gets_no_token(
    provider: Provider, change: dict[str, Any], code: str, field: str
) -> None:
    answer = await provider.anonymous.post("/tokens", json=CARD | change)
    assert (answer.status_code, answer.json()["code"], answer.json().get("field")) == (422, code, field)
    assert GOOD not in answer.text


def _everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_the_number_is_not_kept(tmp_path: Path) -> None:
    async with provider_in(tmp_path) as provider:
        spaced = await provider.anonymous.post("/tokens", json=CARD | {"number": "5555 5555-5555 4444", "exp_year": 40})
        assert spaced.json()["card"] == {"brand": "mastercard", "last4": "4444", "exp_month": 12, "exp_year": 2040}
        await provider.card(save=True, capture=True)
        await provider.anonymous.post("/card", data=CARD | {"number": GOOD})
    kept = _everything_in(tmp_path)
    assert b"4242" in kept
    for digits in (GOOD.encode(), b"5555555555554444", GOOD[:12].encode()):
        assert digits not in kept


async def test_browsers_of_every_origin_may_ask_for_tokens_unless_some_are_named(
    provider: Provider, tmp_path: Path
) -> None:
    asked = await provider.anonymous.options(
        "/tokens", headers={"origin": SHOP, "access-control-request-method": "POST"}
    )
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, SHOP)
    assert asked.headers["access-control-allow-headers"] == "content-type"
    for body in (CARD, CARD | {"cvc": ""}):
        answer = await provider.anonymous.post("/tokens", json=body, headers={"origin": SHOP})
        assert (answer.headers["access-control-allow-origin"], answer.headers["vary"]) == (SHOP, "origin")
    async with provider_in(tmp_path / "other", shop_origins=(SHOP,)) as strict:
        for origin, status in ((SHOP, 204), ("https://evil.example", 403)):
            assert (await strict.anonymous.options("/tokens", headers={"origin": origin})).status_code == status
        answer = await strict.anonymous.post("/tokens", json=CARD, headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(("asked", "language"), [("pt-BR,en", "pt-BR"), ("en", "en"), ("de", "en"), ("pt", "pt-BR")])
async def test_pages_have_labels_a_language_and_a_policy(provider: Provider, asked: str, language: str) -> None:
    for path in ("/card", f"/frame?origin={SHOP}"):
        answer = await provider.anonymous.get(path, headers={"accept-language": asked})
        page = Page(answer)
        assert page.language == language
        assert sorted(page.labels) == ["cvc", "exp_month", "exp_year", "number"]
        assert page.fields["number"]["autocomplete"] == "cc-number"
        assert "TEST" in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not re.search(r"<script>|style=|onclick", answer.text)
    assert set(TEXTS["en"]) == set(TEXTS["pt-BR"])


async def test_only_the_shop_embeds_the_card_field(tmp_path: Path) -> None:
    async with provider_in(tmp_path, frame_origins=(SHOP,)) as provider:
        good = await provider.anonymous.get(f"/frame?origin={SHOP}")
        assert good.headers["content-security-policy"].endswith(f"frame-ancestors {SHOP}")
        assert f'data-origin="{SHOP}"' in good.text
        for origin in ("https://evil.example", "", "*", 'https://a"><script>', "https://shop.example;"):
            answer = await provider.anonymous.get("/frame", params={"origin": origin})
            assert answer.status_code == 403, origin
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        named = await provider.anonymous.get("/frame", headers={"referer": f"{SHOP}/checkout"})
        assert f'data-origin="{SHOP}"' in named.text
        script = (await provider.anonymous.get("/frame.js")).text
        assert "postMessage(message, origin)" in script
        assert '"*"' not in script


async def test_the_card_page_works_without_scripts(provider: Provider) -> None:
    form = {name: str(value) for name, value in CARD.items()} | {"return_url": f"{SHOP}/pay?order=1"}
    answer = await provider.anonymous.post("/card", data=form)
    assert answer.status_code == 303
    assert re.fullmatch(rf"{SHOP}/pay\?order=1&token=tok_[0-9a-f]{{32}}", answer.headers["location"])
    wrong = await provider.anonymous.post("/card?lang=pt-BR", data=form | {"number": "4242424242424241"})
    assert wrong.status_code == 422
    assert TEXTS["pt-BR"]["incorrect_number"] in wrong.text
    assert "4242424242424241" not in wrong.text
    assert f"form-action 'self' {SHOP}" in wrong.headers["content-security-policy"]
    alone = await provider.anonymous.post("/card", data=form | {"return_url": ""})
    assert "tok_" in alone.text
    for bad in ("javascript:alert(1)", "//evil.example", "https://", "https://evil.example/\r\nx: y" + "x" * 2_000):
        assert (await provider.anonymous.get("/card", params={"return_url": bad})).status_code == 422


@pytest.mark.parametrize(
    ("number", "decision", "state", "reason"),
    [
        (CHALLENGE, "approve", "captured", None),
        (CHALLENGE, "fail", "refused", "challenge_failed"),
        (CHALLENGE_DECLINED, "approve", "refused", "card_declined"),
    ],
)
async def test_a_challenge_is_answered_on_a_page(
    provider: Provider, number: str, decision: str, state: str, reason: str | None
) -> None:
    said = await provider.card(number, capture=True, return_url=f"{SHOP}/back")
    payment = said["payment"]
    assert (said["outcome"], payment["state"], payment["captured"]) == ("action_needed", "action_needed", 0)
    answer = await provider.anonymous.get(payment["action"]["url"])
    Page(answer)
    assert "BRL" not in answer.text
    assert "R$ 100.00" in answer.text
    done = await provider.anonymous.post(payment["action"]["url"], data={"decision": decision})
    assert (done.status_code, done.headers["location"]) == (303, f"{SHOP}/back?provider_payment={payment['id']}")
    after = await provider.read(payment["id"])
    assert (after["state"], after.get("reason"), "action" in after) == (state, reason, False)
    again = await provider.anonymous.post(payment["action"]["url"], data={"decision": "approve"})
    assert again.status_code == 303
    assert await provider.read(payment["id"]) == after


async def test_a_challenge_is_not_for_ever_and_not_for_recurring_payments(provider: Provider) -> None:
    payment = (await provider.card(CHALLENGE))["payment"]
    assert (await provider.anonymous.post(payment["action"]["url"], data={"decision": "x"})).status_code == 422
    await provider.advance(3_601)
    after = await provider.read(payment["id"])
    assert (after["state"], after["reason"]) == ("refused", "challenge_expired")
    assert (await provider.card(CHALLENGE, recurring=True))["outcome"] == "accepted"
    assert (await provider.anonymous.get("/challenge/pay_none")).status_code == 404


async def test_the_page_of_a_pix_pays_by_a_button(provider: Provider) -> None:
    payment = await provider.asynchronous("pix")
    url = payment["pix"]["test_pay_url"]
    shown = await provider.anonymous.get(f"{url}?lang=pt-BR")
    Page(shown)
    assert payment["pix"]["payload"] in shown.text
    assert "Pagar R$ 100,00" in shown.text
    paid = await provider.anonymous.post(url, headers={"accept": "text/html,*/*"})
    Page(paid)
    assert TEXTS["en"]["paid"] in paid.text
    assert (await provider.read(payment["id"]))["captured"] == 10_000
