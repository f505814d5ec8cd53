"""Each part of an add that the bench measures does what the shop does: a part that fails or answers an error measures nothing."""

import pytest

from bench.bare_script import bare_add
from bench.carts import Item, Made
from bench.parts import Parts
from renga.domains.cart.settings import CartSettings

CART = "01a2198e-8f41-7d86-a488-87ed820a21bc"
ITEM = Item("CAN-AURORA-AZ", "Caneca", {"BRL": 5_990})
MADE = Made([CART], (ITEM,), ("q1mJ0fXyZ2aB",))


async def test_the_edge_answers_an_add() -> None:
    status, head, body = await Parts(MADE, CartSettings().shards).edge()
    assert (status, body) == (200, b'{"version":7}')
    assert b"etag" in head


@pytest.mark.parametrize("step", ["zero_results", "parse", "decide", "store", "answer_minimal"])
async def test_a_part_without_an_answer_runs(step: str) -> None:
    assert await getattr(Parts(MADE, CartSettings().shards), step)() is None


async def test_the_bare_script_is_called_as_the_store_calls_it() -> None:
    settings = CartSettings()
    add = await bare_add(ITEM, settings.limits(), settings.shards)
    assert len(add.script.sha) == 40
    assert "CAN-AURORA-AZ" in " ".join(str(argument) for argument in add.arguments)
