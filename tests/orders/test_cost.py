"""What one order costs the database."""

from tests.orders.shop import Shop


async def test_statements_of_an_order_by_card(shop: Shop) -> None:
    await shop.stocked("MUG")
    warm = await shop.ready({"MUG": 1})
    await shop.place(warm)
    checkout = await shop.ready({"MUG": 1})
    seen = await shop.statements(shop.place(checkout))
    by_schema = {
        name: [one for one in seen if name in one] for name in ("payments.", "inventory.", "pricing.", "catalog.")
    }

    assert len(seen) <= 52, by_schema
