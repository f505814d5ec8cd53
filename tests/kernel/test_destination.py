"""Destinations: a postal code has the form of its country."""

import pytest

from renga.kernel.destination import Destination, PostalCodeInvalid, checked_destination


@pytest.mark.parametrize(
    ("country", "code"),
    [("BR", "01310-100"), ("BR", "01310100"), ("US", "94105-1234"), ("PT", "1000-001"), ("GB", "SW1A 1AA"), ("BR", "")],
)
def test_a_code_of_its_country_is_accepted(country: str, code: str) -> None:
    destination = Destination(country=country, postal_code=code)
    assert checked_destination(destination) is destination


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("BR", "x"), ("BR", "0131-0100"), ("BR", "01310-100\n"), ("BR", "\u0660\u0661\u0663\u0661\u0660-100"),
        ("US", "9410"), ("GB", "<b>"), ("GB", "x" * 21), ("", "01310-100"),
    ],
)  # fmt: skip
def test_any_other_is_refused_with_its_field(country: str, code: str) -> None:
    with pytest.raises(PostalCodeInvalid) as refused:
        checked_destination(Destination(country=country, postal_code=code))
    assert refused.value.extra == {"field": "postal_code"}
