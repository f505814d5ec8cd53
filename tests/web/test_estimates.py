"""The estimate on the cart page: its steps, coupon codes, shipping by postal code, and the page without it."""

import asyncio
from typing import Any

import pytest

from renga.domains.pricing.contract import (
    EstimateRequest,
    Quote,
    QuoteCoupon,
    QuotePromotion,
    QuoteTotal,
    TaxUnavailable,
)
from renga.frontends.web import estimates
from renga.kernel.caller import Caller
from renga.kernel.errors import RengaError, Unavailable, Unprocessable
from renga.kernel.money import Money
from tests.web.shopper import Shopper, hidden, text_of


def brl(amount: int) -> Money:
    return Money(amount, "BRL")


class EstimatesOf:
    """``Pricing.estimate`` for a cart of 89.00: one promotion of 10.00, 15.00 of shipping if there is a destination.

    ``trouble`` is raised by every call; while it ``hangs`` none answers; ``asked`` are all that came.
    """

    hangs = False

    def __init__(self, *coupons: QuoteCoupon, trouble: RengaError | None = None) -> None:
        self.coupons, self.trouble = coupons, trouble
        self.asked: list[EstimateRequest] = []

    async def estimate(self, caller: Caller, cart_id: str, request: EstimateRequest) -> Quote:
        self.asked.append(request)
        if self.hangs:
            await asyncio.Event().wait()
        if self.trouble:
            raise self.trouble
        if request.postal_code == "nowhere":
            raise Unprocessable("no postal code")
        shipping = 1_500 if request.postal_code else 0
        steps = {"subtotal": 8_900, "discount": -1_000, "shipping": shipping, "total": 7_900 + shipping}
        spring = QuotePromotion(
            promotion="p", name="Primavera <3", group="combinable", amount=brl(1_000), shipping=brl(0), allocations=()
        )
        return Quote(
            currency="BRL", lines=(), subtotal=brl(8_900), discounts=brl(1_000), shipping=brl(shipping), tax=brl(0),
            surcharge=brl(0), total=brl(7_900 + shipping), tax_included=brl(1_200), rounding=brl(0), due=brl(7_900),
            totals=tuple(QuoteTotal(type=kind, amount=brl(amount)) for kind, amount in steps.items()),  # type: ignore[arg-type]  # the keys are types of totals
            consent_required=False, prices_include_tax=True, promotions=(spring,), coupons=self.coupons,
        )  # fmt: skip


def shopper(pricing: Any) -> Shopper:
    return Shopper(pricing=pricing)


async def test_the_cart_shows_each_step_to_the_total() -> None:
    async with shopper(EstimatesOf()) as visitor:
        await visitor.add()
        page = await visitor.get("/cart")
    words = text_of(page)
    assert "Subtotal R$ 89,00 Primavera <3 -R$ 10,00 Total (1 item) R$ 79,00" in words
    assert "Inclui R$ 12,00 de impostos." in words
    assert "Frete R$" not in words
    assert "<3" not in page.text


async def test_a_postal_code_adds_the_shipping() -> None:
    pricing = EstimatesOf()
    async with shopper(pricing) as visitor:
        await visitor.add()
        page = await visitor.get("/cart?postal_code=01310-100")
    assert pricing.asked[-1] == EstimateRequest(country="BR", postal_code="01310-100")
    assert "Frete R$ 15,00 Total (1 item) R$ 94,00" in text_of(page)
    assert 'value="01310-100"' in page.text


async def test_the_postal_code_is_kept_for_the_next_look_at_the_cart_and_only_if_it_is_one() -> None:
    async with shopper(EstimatesOf()) as visitor:
        await visitor.add()
        await visitor.get("/cart?postal_code=nowhere")
        assert "renga_postal_code" not in visitor.http.cookies
        await visitor.get("/cart?postal_code=01310-100")
        page = await visitor.land("/cart/coupons", code="PRIMAVERA", key="a-key-of-a-page")
    assert "Frete R$ 15,00" in text_of(page)


async def test_what_is_no_postal_code_is_said_beside_its_field_and_the_rest_is_shown() -> None:
    async with shopper(EstimatesOf()) as visitor:
        await visitor.add()
        page = await visitor.get("/cart?postal_code=nowhere")
    assert "Este CEP não existe." in text_of(page)
    assert 'aria-invalid="true"' in page.text
    assert "Total (1 item) R$ 79,00" in text_of(page)


@pytest.mark.parametrize("trouble", [Unavailable("away"), TaxUnavailable("late")])
async def test_without_an_estimate_the_cart_is_shown_as_it_is(trouble: RengaError) -> None:
    async with shopper(EstimatesOf(trouble=trouble)) as visitor:
        await visitor.add()
        page = await visitor.get("/cart")
    assert page.status_code == 200
    assert "Total (1 item) R$ 89,00 Frete e impostos entram no fechamento." in text_of(page)


@pytest.mark.parametrize("refused", ["coupon_unknown", "coupon_used", "coupon_expired"])
async def test_a_coupon_that_does_not_count_says_why(refused: Any) -> None:
    async with shopper(EstimatesOf(QuoteCoupon(code="SPRING", refused=refused))) as visitor:
        await visitor.add()
        page = await visitor.get("/cart")
    reason = {"coupon_unknown": "não existe", "coupon_used": "já foi usado", "coupon_expired": "não vale mais"}[refused]
    assert f"SPRING · {reason} Remover" in text_of(page)


async def test_a_code_is_applied_removed_and_refused_beside_its_form() -> None:
    async with shopper(EstimatesOf()) as visitor:
        await visitor.add()
        keys = hidden(await visitor.get("/cart"), "key")
        await visitor.land("/cart/coupons", code="primavera", key=keys[0])
        held = visitor.carts.carts[visitor.cart_id].coupons
        refused = await visitor.land("/cart/coupons", code="!!", key=keys[0])
        await visitor.land("/cart/coupons", remove="PRIMAVERA", key=keys[0])
        left = visitor.carts.carts[visitor.cart_id].coupons
    assert (held, left) == (("PRIMAVERA",), ())
    assert "Isto não parece um cupom" in text_of(refused)


async def test_a_code_without_a_cart_is_refused() -> None:
    async with shopper(EstimatesOf()) as visitor:
        page = await visitor.land("/cart/coupons", code="PRIMAVERA")
    assert page.status_code == 200
    assert visitor.carts.carts == {}


async def test_an_estimate_that_does_not_come_keeps_no_cart_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "WAIT_S", 0.05)
    pricing = EstimatesOf()
    pricing.hangs = True
    async with shopper(pricing) as visitor:
        await visitor.add()
        async with asyncio.timeout(5):
            pages = [await visitor.get("/cart") for _ in range(3)]
    assert ["Total (1 item) R$ 89,00" in text_of(page) for page in pages] == [True] * 3
    assert len(pricing.asked) == 1, "after the first that was late nobody asks for a moment"
