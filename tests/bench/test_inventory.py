"""The inventory's bench starts, measures both cells, and says how they compare."""

from bench.figures import Figures
from bench.inventory import StockCell, measured, report


async def test_one_sku_and_many_are_measured() -> None:
    cells = await measured(skus=3, buyers=4, seconds=0.1, rounds=1)
    assert [one.skus for one in cells] == [1, 3]
    for one in cells:
        (figures,) = one.rounds
        assert figures.requests >= 4
        assert figures.failed == 0
        assert one.program_us[0] > 0


def test_the_report_compares_the_medians() -> None:
    def figures(requests: int) -> Figures:
        return Figures(requests=requests, seconds=1.0, failed=0, p50_us=10_000, p95_us=20_000, p99_us=30_000)

    hot = StockCell(1, [figures(1_800)], [200.0], [150.0])
    many = StockCell(1_000, [figures(2_400)], [210.0], [250.0])
    text = report([hot, many])
    assert "one sku reaches 75% of many (goal 50%)" in text
    assert "1,000            2,400     10.0     20.0" in text
