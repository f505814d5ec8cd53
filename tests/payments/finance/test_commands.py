"""``renga payouts run``, ``renga payments settle`` and ``reconcile``, with their exit statuses."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec
import typer
from typer.testing import CliRunner

from renga.domains.payments.commands import add_commands
from renga.domains.payments.finance.opening import finance_dependencies
from renga.domains.payments.local import LocalPayments
from renga.kernel.errors import Invalid
from renga.platform.modules.opening import Opened
from renga.platform.postgres.pool import open_pool
from tests.payments.finance.house import House, file, line

DAY = "2027-03-01"


class Line:
    """The command line on the test's database, in a thread and loop of its own."""

    def __init__(self, url: str, house: House) -> None:
        self._url, self._house = url, house

    def shop(self, *modules: str, **overrides: Any) -> None:
        assert modules == ("payments",)

    @asynccontextmanager
    async def opened(self, settings: Any, *modules: str) -> AsyncIterator[Mapping[str, Opened]]:
        pool: asyncpg.Pool[asyncpg.Record] = await open_pool(self._url)
        payments = self._house.payments
        finance = finance_dependencies(
            pool, payments.settings, payments.providers, identity=None, clock=payments.clock, new_id=payments.new_id,
            secret=payments.secret,
        )  # fmt: skip
        try:
            yield {"payments": Opened(contract=LocalPayments(msgspec.structs.replace(payments, finance=finance)))}
        finally:
            await pool.close()

    def run(self, main: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(main)


async def renga(url: str, house: House, *words: str) -> tuple[int, list[str]]:
    app = typer.Typer()
    add_commands(app, Line(url, house))  # type: ignore[arg-type]
    result = await asyncio.to_thread(CliRunner().invoke, app, list(words))
    if isinstance(result.exception, Invalid):  # what the real command line makes exit status 2 of
        return 2, [result.exception.detail]
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output.splitlines()


async def test_a_day_is_settled_and_reconciled(house: House, database_url: str) -> None:
    ref = await house.sell("order:1", 1_000)
    house.provider.files[DAY] = file(DAY, line("l1", ref, 1_000, 30))
    assert (await renga(database_url, house, "payments", "settle", "--day", DAY))[1] == [
        f"sim {DAY}: no settlement file"
    ]
    house.now("2027-03-02T01:00")
    status, output = await renga(database_url, house, "payments", "reconcile", "--day", DAY)
    assert (status, output) == (
        1,
        [
            f"missing_here sim {ref} line l1: settlement line, there 10.00 BRL",
            f"sim {DAY}: 1 payments and 1 settlement lines compared, 1 differences",
            "1 differences",
        ],
    )
    assert await renga(database_url, house, "payments", "settle", "--day", DAY) == (
        0,
        [f"sim {DAY}: 1 lines, net 9.70 BRL, 0 differences"],
    )
    again = await renga(database_url, house, "payments", "settle", "--day", DAY, "--provider", "sim")
    assert again == (0, [f"sim {DAY}: 1 lines, net 9.70 BRL, 0 differences, imported before"])
    assert await renga(database_url, house, "payments", "settle", "--day", "2027-02-01") == (
        0,
        ["sim 2027-02-01: no settlement file"],
    )
    status, output = await renga(database_url, house, "payments", "reconcile", "--day", DAY)
    assert (status, output[-1]) == (0, "nothing differs")
    status, output = await renga(database_url, house, "payments", "reconcile", "--day", DAY, "--json")
    assert (status, [json.loads(one) for one in output]) == (
        0,
        [{"day": DAY, "provider": "sim", "records": 1, "settlement_lines": 1, "differences": 0}],
    )
    house.provider.change(ref, captured=1_001)
    status, output = await renga(database_url, house, "payments", "reconcile", "--day", DAY)
    assert (status, output[0]) == (1, f"amount_differs sim {ref} order:1: captured, there 10.01 BRL, here 10.00 BRL")
    unknown = await renga(database_url, house, "payments", "reconcile", "--day", DAY, "--provider", "nobody")
    assert unknown == (2, ["there is no payment provider 'nobody'; there are: sim"])


async def test_a_file_that_does_not_fit_is_told(house: House, database_url: str) -> None:
    house.provider.files[DAY] = file(DAY, line("l1", "nobody", 1_000, 30))
    house.now("2027-03-02T01:00")
    status, output = await renga(database_url, house, "payments", "settle", "--day", DAY)
    assert (status, output[0]) == (1, "missing_here sim nobody line l1: payment, there 10.00 BRL")


async def test_payouts_run(house: House, database_url: str) -> None:
    await house.account()
    await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:05")
    status, output = await renga(database_url, house, "payouts", "run")
    assert (status, output[-1]) == (0, "2027-03-02: 1 payouts, 0 balances carried on")
    assert output[0].split()[1:] == ["olaria", "10.00", "BRL", "scheduled"]
    assert await renga(database_url, house, "payouts", "run", "--day", "2027-03-02") == (
        0,
        ["2027-03-02: 0 payouts, 0 balances carried on"],
    )
    await house.sell("order:2", 1)
    house.now("2027-03-03T00:05")
    status, output = await renga(database_url, house, "payouts", "run", "--json")
    assert [json.loads(one)["amount"] for one in output] == [{"amount": 1, "currency": "BRL"}]
