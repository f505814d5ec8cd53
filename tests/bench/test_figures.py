"""The arithmetic of the bench: percentiles, ratios, rates."""

import pytest

from bench.figures import Figures, from_latencies, median, percentile, ratio
from bench.scale import spread


@pytest.mark.parametrize(
    ("percent", "value"), [(0, 1.0), (1, 1.0), (50, 50.0), (95, 95.0), (99, 99.0), (99.5, 100.0), (100, 100.0)]
)
def test_a_percentile_is_the_value_at_its_nearest_rank(percent: float, value: float) -> None:
    assert percentile([float(n) for n in range(1, 101)], percent) == value


def test_every_percentile_of_one_value_is_that_value() -> None:
    assert [percentile([7.0], percent) for percent in (1, 50, 99)] == [7.0, 7.0, 7.0]


def test_a_percentile_of_nothing_is_zero() -> None:
    assert percentile([], 95) == 0.0


def test_the_median_of_an_even_number_is_the_lower_middle_in_any_order() -> None:
    assert median([9.0, 1.0, 3.0, 5.0]) == 3.0


def test_latencies_are_put_in_order_and_counted() -> None:
    figures = from_latencies([30.0, 10.0, 20.0], seconds=1.5, failed=1)
    assert figures == Figures(requests=3, seconds=1.5, failed=1, p50_us=20.0, p95_us=30.0, p99_us=30.0)
    assert figures.per_second == 2.0


def test_a_run_of_no_time_has_no_rate() -> None:
    assert from_latencies([], seconds=0.0, failed=2).per_second == 0.0


def test_a_ratio_to_nothing_is_zero() -> None:
    assert (ratio(1.0, 4.0), ratio(1.0, 0.0)) == (0.25, 0.0)


def test_a_spread_takes_at_most_so_many_evenly_and_all_when_they_fit() -> None:
    ids = [str(n) for n in range(10)]
    assert spread(ids, 4) == ["0", "3", "6", "9"]
    assert spread(ids, 10) == ids
    assert spread(ids, 50) == ids
