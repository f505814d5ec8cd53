"""A large body costs little, whatever is in it: one number decides, and no text is looked through in one go."""

import json
from collections.abc import Iterator
from typing import Annotated

import msgspec
import pytest

from renga.kernel.card_numbers import find_cards
from renga.kernel.identifiers import Identifier
from renga.platform.cards import bodies
from renga.platform.cards.bodies import NUMBERS_MAX, OVERLAP_BYTES, SLICE_BYTES, check_body
from renga.platform.cards.declared import CardRules
from renga.platform.cards.refusal import CardNumberRefused


class Thing(msgspec.Struct):
    name: str = ""
    codes: Annotated[tuple[Identifier, ...], msgspec.Meta(description="Ours.")] = ()


RULES = CardRules(method="POST", path="/things", bodies={"": Thing})
NUMBER = "4242-4242-4242-4242"


class Watch:
    """Counts what the search for numbers reads and finds."""

    def __init__(self) -> None:
        self.longest = self.found = 0

    def find_cards(self, text: str) -> Iterator[str]:
        self.longest = max(self.longest, len(text))
        for digits in find_cards(text):
            self.found += 1
            yield digits


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(bodies, "find_cards", made.find_cards)
    return made


async def refused(body: bytes) -> str | None:
    try:
        await check_body(body, "application/json", RULES)
    except CardNumberRefused as error:
        return str(error.extra["field"])
    return None


async def test_one_number_of_thousands_decides(watch: Watch) -> None:
    assert await refused(json.dumps({"name": f"{NUMBER} " * 10_000}).encode()) == "name"
    assert watch.found == 2
    assert watch.longest <= 2 * SLICE_BYTES + OVERLAP_BYTES


async def test_a_long_text_is_looked_through_in_slices(watch: Watch) -> None:
    # the number is at the end, and nothing before it looks like one
    text = "1-2 " * 30_000 + f', "{NUMBER}"'
    assert await refused(json.dumps({"codes": ["1"], "name": text}).encode()) == "name"
    assert watch.longest <= 2 * SLICE_BYTES + OVERLAP_BYTES


async def test_identifiers_may_look_like_cards_but_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert NUMBERS_MAX == 20_000
    monkeypatch.setattr(bodies, "NUMBERS_MAX", 2)
    codes = ["4242424242424242", "4000000000000002", "5555555555554444"]
    assert await refused(json.dumps({"codes": codes[:2]}).encode()) is None
    assert await refused(json.dumps({"codes": codes[:2], "name": codes[0]}).encode()) == "name"
    assert await refused(json.dumps({"codes": codes[:2], "more": [codes[2]]}).encode()) == "more[0]"
    assert await refused(json.dumps({"codes": codes}).encode()) == "body"
