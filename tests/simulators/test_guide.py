"""The guide of the test provider names every number and every fault."""

import re
from pathlib import Path
from typing import get_args

from renga.simulators.payment_provider.faults import FaultName, FaultPlan
from renga.simulators.payment_provider.formulas.cards import brand_of
from renga.simulators.payment_provider.model.card_numbers import NUMBERS

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "test-provider.md").read_text(encoding="utf-8")
_BRANDS = {"American Express": "amex", "Diners Club": "diners"}


def test_the_guide_has_exactly_the_numbers_that_are_known_with_their_brands() -> None:
    rows = re.findall(r"^\| `([\d ]+)` \| ([\w ]+) \|", GUIDE, re.MULTILINE)
    told = {number.replace(" ", ""): _BRANDS.get(brand, brand.lower()) for number, brand in rows}
    assert told == {number: brand_of(number) for number in NUMBERS}


def test_the_guide_names_every_fault() -> None:
    names = {*get_args(FaultName), *FaultPlan.__struct_fields__} - {"drawn"}
    assert {name for name in names if f"`{name}`" not in GUIDE} == set()
