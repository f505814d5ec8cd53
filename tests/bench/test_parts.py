"""Each part of an add that the bench measures does what the shop does: a part that fails or answers an error measures nothing."""

from typing import Any

import pytest

from bench.bare_script import bare_add
from bench.carts import Item, Made
from bench.parts import Parts
from renga.domains.cart.settings import CartSettings

CART = "01a2198e-8f41-7d86-a488-87ed820a21bc"
ITEM = Item("CAN-AURORA-AZ", "Caneca", {"BRL": 5_990})
MADE = Made([CART], (ITEM,), ("q1mJ0fXyZ2aB",))


class RecordedParts(Parts):
    """Remembers what was answered."""

    def __init__(self) -> None:
        super().__init__(MADE, CartSettings().shards)
        self.sent: list[Any] = []

    async def _send(self, message: Any) -> None:
        self.sent.append(message)


@pytest.mark.parametrize("step", ["null_application", "edge_around_null", "route"])
async def test_a_part_that_answers_answers_an_add(step: str) -> None:
    parts = RecordedParts()
    await getattr(parts, step)()
    assert [message.get("status") for message in parts.sent] == [200, None]
    assert parts.sent[1]["body"] == b'{"version":7}'


@pytest.mark.parametrize("step", ["zero_results", "parse", "decide", "store", "answer_minimal"])
async def test_a_part_without_an_answer_runs(step: str) -> None:
    parts = RecordedParts()
    assert await getattr(parts, step)() is None
    assert parts.sent == []


async def test_the_bare_script_is_called_as_the_store_calls_it() -> None:
    settings = CartSettings()
    add = await bare_add(ITEM, settings.limits(), settings.shards)
    assert len(add.script.sha) == 40
    assert "CAN-AURORA-AZ" in " ".join(str(argument) for argument in add.arguments)
