"""Postal addresses: bounded, printable, with a country that there is; and e-mail addresses in their normal form."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.kernel.address import PostalAddress, PostalAddressInvalid, checked_address, missing_members
from renga.kernel.countries import COUNTRIES
from renga.kernel.destination import Destination, PostalCodeInvalid
from renga.kernel.errors import RengaError

PLAIN = {"name": "Ana", "street": "Rua A", "city": "Rio", "country": "BR"}


def test_space_at_the_ends_and_empty_members_are_left_out() -> None:
    given_ = PostalAddress(**PLAIN, region=" RJ ", postal_code="20000-000", phone="", complement=" ")
    checked = checked_address(msgspec.structs.replace(given_, name="  Ana "))
    assert checked == PostalAddress(**PLAIN, region="RJ", postal_code="20000-000")
    assert checked.destination == Destination(country="BR", region="RJ", postal_code="20000-000")


def test_which_members_the_addresses_of_a_country_have() -> None:
    assert missing_members(PostalAddress(**PLAIN)) == ("region", "postal_code")
    assert missing_members(PostalAddress(**PLAIN, region="RJ", postal_code="20000-000")) == ()
    assert missing_members(PostalAddress(**{**PLAIN, "country": "DE"})) == ("postal_code",)
    assert missing_members(PostalAddress(**{**PLAIN, "country": "HK"})) == ()


def test_the_countries() -> None:
    assert len(COUNTRIES) == 249
    assert {"BR", "US", "GB", "GR", "CW", "SS"} <= COUNTRIES
    assert {"EU", "UK", "XX", "XK", "AN", "br", ""}.isdisjoint(COUNTRIES)


texts = st.text(max_size=250) | st.sampled_from(["BR", "US", "SP", "01310-200", "+55 11 1234", "\0", "\ud800", "a\nb"])


@given(st.fixed_dictionaries(dict.fromkeys(PostalAddress.__struct_fields__, texts)))
def test_what_is_accepted_can_be_kept_and_printed_and_is_accepted_again(members: dict[str, Any]) -> None:
    try:
        checked = checked_address(PostalAddress(**members), "shipping_address")
    except (PostalAddressInvalid, PostalCodeInvalid) as error:
        if not error.extra["field"].startswith("shipping_address."):
            raise
        return
    assert checked_address(checked) == checked
    for name in PostalAddress.__struct_fields__:
        text = getattr(checked, name)
        assert text is None or (text.isprintable() and 1 <= len(text) <= 200)
    assert checked.country in COUNTRIES
    assert len(msgspec.json.encode(checked)) < 8_000


@pytest.mark.parametrize("name", ["name", "street", "city", "country"])
def test_what_every_parcel_needs(name: str) -> None:
    with pytest.raises(RengaError) as refused:
        checked_address(PostalAddress(**{**PLAIN, name: " "}), "a")
    assert refused.value.extra["field"] == f"a.{name}"
