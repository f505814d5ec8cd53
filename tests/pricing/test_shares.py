"""Exact shares for partial refunds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.domains.pricing.contract import returned_share, share


def test_one_unit_of_three_for_ten() -> None:
    assert [returned_share(1000, 3, returned, 1) for returned in range(3)] == [333, 334, 333]
    assert returned_share(1000, 3, 1, 2) == 667


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.integers(1, 9), min_size=1, max_size=20),
)
def test_any_order_of_refunds_totals_what_was_paid(amount: int, returns: list[int]) -> None:
    units, returned, paid_back = sum(returns), 0, 0
    for more in returns:
        paid_back += returned_share(amount, units, returned, more)
        returned += more
    assert paid_back == amount == share(amount, units, units)


@given(st.integers(0, 10**9), st.integers(1, 1000), st.data())
def test_a_share_is_within_half_a_minor_unit(amount: int, units: int, data: st.DataObject) -> None:
    taken = data.draw(st.integers(0, units))
    assert abs(2 * share(amount, units, taken) * units - 2 * amount * taken) <= units


@pytest.mark.parametrize(("units", "taken"), [(3, 4), (3, -1), (0, 0)])
def test_more_units_than_there_are_is_an_error(units: int, taken: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        share(100, units, taken)
