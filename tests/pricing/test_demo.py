"""The demo's promotions, on the demo's skus."""

import pytest

from renga.domains.catalog.contract import WHOLE_CATALOGUE
from renga.domains.pricing.contract import EstimateRequest
from renga.kernel.caller import ANONYMOUS, Caller
from tests.pricing.house import MANAGER, House
from tests.pricing.shop import check_sums

MANAGER_OF_CATALOGUE = Caller.of_system("tests", WHOLE_CATALOGUE)


async def test_the_demo_is_added_once(house: House) -> None:
    assert await house.pricing.seed_demo("pottery") == 5
    assert await house.pricing.seed_demo("pottery") == 0
    page = await house.pricing.promotions(MANAGER, limit=100)
    assert sorted(one.merchant or "" for one in page.items) == ["", "", "", "", "pottery"]
    assert (await house.pricing.tax_tables(MANAGER)).version == 1


async def test_without_a_demo_merchant_it_has_no_merchants_promotion(house: House) -> None:
    assert await house.pricing.seed_demo(None) == 4


@pytest.mark.parametrize(
    ("skus", "coupons", "payment", "applied"),
    [
        ({"CAN-AURORA-AZ": 1}, (), "pix", ["Pix: 5% de desconto"]),
        ({"CAN-AURORA-AZ": 1}, ("primavera",), None, ["Primavera: 10% de desconto"]),
        ({"CAN-AURORA-AZ": 2, "CAN-AURORA-MT": 4}, (), None, ["Seis canecas: 15% de desconto"]),
        ({"PAPER": 3}, (), None, ["Papel e escrita: leve 3, pague 2"]),
        ({"PAPER": 8}, (), None, ["Frete grátis a partir de R$ 300", "Papel e escrita: leve 3, pague 2"]),
    ],
)
async def test_each_of_the_demos_promotions_applies(
    house: House, skus: dict[str, int], coupons: tuple[str, ...], payment: str | None, applied: list[str]
) -> None:
    await house.pricing.seed_demo("pottery")
    for sku in ("CAN-AURORA-AZ", "CAN-AURORA-MT"):
        await house.sell(sku, 1000, merchant="pottery")
    await house.catalog.put_category(MANAGER_OF_CATALOGUE, "papel-e-escrita", {"title": {"en": "Paper"}})
    await house.sell("PAPER", 5000, categories=["papel-e-escrita"])
    cart = await house.cart_of(skus, country="BR")
    quote = await house.pricing.estimate(
        ANONYMOUS, cart, EstimateRequest(coupons=coupons, payment_method=payment, country="BR")
    )
    check_sums(quote)
    assert sorted(one.name for one in quote.promotions) == applied
