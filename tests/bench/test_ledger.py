"""The ledger's bench starts, measures every cell, finds the books right, and says how the cells compare."""

from bench.figures import Figures
from bench.ledger import LedgerRun, measured, report


async def test_writes_and_balances_are_measured() -> None:
    run = await measured(transactions=300, connections=2, seconds=0.1, rounds=1, reads=3)
    assert run.transactions == 300
    (posted,), (bare,), (batched,), (busy,) = run.posted, run.bare, run.batched, run.busy
    assert min(posted.requests, bare.requests) >= 2
    assert batched.requests >= 20
    assert busy.requests >= 1
    assert (run.summed.requests, run.balance.requests) == (5, 3)
    assert run.verify_s > 0
    assert run.cpu_us.keys() == {"bare", "posted", "batched"}
    assert run.cpu_us["posted"][0][0] > 0


def test_the_report_compares_the_medians() -> None:
    def figures(requests: int) -> Figures:
        return Figures(requests=requests, seconds=1.0, failed=0, p50_us=1_000, p95_us=4_500, p99_us=9_000)

    run = LedgerRun(
        transactions=1_000_000, posted=[figures(1_500)], bare=[figures(2_000)], batched=[figures(5_000)],
        summed=figures(5), balance=figures(500), busy=[figures(40)],
        cpu_us={"posted": [(250.0, 400.0)]}, load_s=60.0, count_s=20.0, verify_s=30.0,
    )  # fmt: skip
    text = report(run)
    assert "post reaches 75% of bare inserts; goal 1,000/s" in text
    assert "post, 6 entries each                    1,500     1.00     4.50         250          400" in text
    assert "balance among 1,000,000" in text
    assert "while others post                          40     1.00     4.50" in text
