"""What one order costs the database."""

from tests.orders.shop import Shop


async def test_statements_of_an_order_by_card(shop: Shop) -> None:
    await shop.stocked("MUG")
    warm = await shop.ready({"MUG": 1})
    await shop.place(warm)
    checkout = await shop.ready({"MUG": 1})
    seen = await shop.statements(shop.place(checkout))
    others = sum(any(f"{name}." in one for name in ("payments", "inventory", "pricing", "catalog")) for one in seen)
    assert len(seen) - others <= 18, seen
    # three of these are the driver's, once for each connection
    assert others <= 28, seen
