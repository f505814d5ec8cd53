"""The ledger over HTTP and on the command line: documents, problems with codes, exit statuses, who reaches what."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import typer
from joserfc.jwk import KeySet
from litestar import Litestar
from typer.testing import CliRunner

from renga.domains.payments.commands.ledger import add_ledger_commands
from renga.domains.payments.rest.ledger import operations
from renga.kernel.clock import SystemClock
from renga.platform.auth.access import check
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.principal import Principal
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.gate import Gate
from renga.platform.http.lean import LeanTable
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.modules.opening import Opened
from renga.platform.postgres.pool import open_pool
from tests.payments.ledger.books import Books, entry, transaction, transfer

FINANCE = Principal(subject="fiona", scopes=frozenset({"ledger:read"}), kind="session")
MERCHANT = Principal(subject="mara", scopes=frozenset({"payouts:own"}), kind="session", merchants=frozenset({"house"}))
BUYER = Principal(subject="ana", scopes=frozenset({"cart"}), kind="session")
NOVEMBER = "from=2026-11-01&to=2026-11-30"

Ask = Callable[[Principal | None, str], Coroutine[Any, Any, httpx.Response]]


@pytest.fixture
async def ask(books: Books, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ask]:
    """GET as somebody, on the ledger's operations behind the gate."""
    await books.post(
        transaction(
            entry("clearing:sim", 1000), entry("merchant:house", -900), entry("commission", -100), key="capture:a/1"
        ),
        transfer("clearing:sim", "merchant:house", 500, key="refund:1"),
    )

    # the gate would ask for credentials; here the scope already has who calls
    async def enter(self: Gate, scope: Any, access: Any, rate: str) -> None:
        check(access, scope["renga_principal"])

    async def around_read(self: Gate, scope: Any, access: Any, rate: str, read: Any) -> Any:
        check(access, scope["renga_principal"])
        return await read()

    monkeypatch.setattr(Gate, "enter", enter)
    monkeypatch.setattr(Gate, "around_read", around_read)
    monkeypatch.setattr("renga.platform.http.lean.check_header_token", lambda scope: None)
    gate = Gate(Authenticator(TokenVerifier(KeySet([]), issuer="renga", clock=SystemClock())))
    table = LeanTable(
        Litestar([], exception_handlers=EXCEPTION_HANDLERS), operations(books), body_max_bytes=1000, gate=gate
    )
    callers: list[Principal | None] = [None]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await table({**scope, "renga_principal": callers[-1], "renga_client": "::1"}, receive, send)  # type: ignore[arg-type]

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client:

        async def get(principal: Principal | None, path: str) -> httpx.Response:
            callers.append(principal)
            return await client.get(f"/v1/ledger/{path}")

        yield get


def brl(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "BRL"}


async def test_the_trial_balance(ask: Ask) -> None:
    answer = await ask(FINANCE, "trial-balance")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    assert answer.json() == {
        "balanced": True,
        "items": [
            {"kind": "clearing", "debits": brl(1000), "credits": brl(500), "balance": brl(500)},
            {"kind": "commission", "debits": brl(0), "credits": brl(100), "balance": brl(-100)},
            {"kind": "merchant", "debits": brl(500), "credits": brl(900), "balance": brl(-400)},
        ],
        "totals": [{"debits": brl(1500), "credits": brl(1500), "balance": brl(0)}],
    }
    assert (await ask(FINANCE, "trial-balance?currency=USD")).json() == {"balanced": True, "items": [], "totals": []}


async def test_an_account_and_its_entries(ask: Ask) -> None:
    answer = await ask(FINANCE, "accounts/merchant:house")
    assert answer.json() == {
        "account": "merchant:house", "balances": [{"debits": brl(500), "credits": brl(900), "balance": brl(-400)}],
    }  # fmt: skip
    first = (await ask(FINANCE, "accounts/merchant%3Ahouse/entries?limit=1")).json()
    assert [(one["transaction"], one["kind"], one["amount"]) for one in first["items"]] == [
        ("refund:1", "transfer", brl(500))
    ]
    second = (await ask(FINANCE, f"accounts/merchant:house/entries?limit=1&cursor={first['next']}")).json()
    assert second == {
        "items": [
            {
                "transaction": "capture:a/1", "kind": "capture", "reference": "order:1", "at": "2026-11-30T12:00:00.000Z",
                "amount": brl(-900),
            }
        ],
        "next": None,
    }  # fmt: skip
    assert (await ask(FINANCE, "accounts/merchant:nobody/entries")).json() == {"items": [], "next": None}


async def test_a_transaction(ask: Ask) -> None:
    answer = await ask(FINANCE, "transactions/refund:1")
    assert answer.json() == {
        "key": "refund:1", "kind": "transfer", "reference": "order:1", "at": "2026-11-30T12:00:00.000Z",
        "entries": [{"account": "clearing:sim", "amount": brl(-500)}, {"account": "merchant:house", "amount": brl(500)}],
    }  # fmt: skip


async def test_a_statement_is_for_the_merchant_and_for_finance(ask: Ask) -> None:
    for caller in (MERCHANT, FINANCE):
        answer = await ask(caller, f"statement?merchant=house&{NOVEMBER}&limit=1")
        assert answer.status_code == 200
        document = answer.json()
        assert (document["merchant"], document["from"], document["to"]) == ("house", "2026-11-01", "2026-11-30")
        assert document["balances"] == [{"opening": brl(0), "turnover": brl(400), "closing": brl(400), "lines": 2}]
        assert [one["amount"] for one in document["items"]] == [brl(900)]
        rest = (await ask(caller, f"statement?merchant=house&{NOVEMBER}&cursor={document['next']}")).json()
        assert [one["amount"] for one in rest["items"]] == [brl(-500)]
        assert rest["next"] is None


@pytest.mark.parametrize(
    ("caller", "path", "status", "code"),
    [
        (None, "trial-balance", 401, "unauthenticated"),
        (BUYER, "trial-balance", 403, "insufficient_scope"),
        (MERCHANT, "trial-balance", 403, "insufficient_scope"),
        (MERCHANT, "accounts/merchant:house", 403, "insufficient_scope"),
        (MERCHANT, "accounts/merchant:house/entries", 403, "insufficient_scope"),
        (MERCHANT, "transactions/refund:1", 403, "insufficient_scope"),
        (BUYER, f"statement?merchant=house&{NOVEMBER}", 403, "insufficient_scope"),
        (None, f"statement?merchant=house&{NOVEMBER}", 401, "unauthenticated"),
        (MERCHANT, f"statement?merchant=garage&{NOVEMBER}", 404, "ledger_account_not_found"),
        (MERCHANT, f"statement?merchant=a%00b&{NOVEMBER}", 404, "ledger_account_not_found"),
        (FINANCE, f"statement?merchant=a%00b&{NOVEMBER}", 422, "ledger_invalid"),
        (FINANCE, f"statement?merchant=&{NOVEMBER}", 422, "ledger_invalid"),
        (FINANCE, "statement?merchant=house&from=2026-11-30&to=2026-11-01", 422, "ledger_invalid"),
        (FINANCE, "statement?merchant=house&from=2026-11-31&to=2026-12-01", 422, "ledger_invalid"),
        (FINANCE, "statement?merchant=house&from=2026-11-30", 400, "invalid_request"),
        (FINANCE, f"statement?merchant=house&{NOVEMBER}&cursor=x", 422, "ledger_invalid"),
        (FINANCE, f"statement?merchant=house&{NOVEMBER}&limit=0", 400, "invalid_request"),
        (FINANCE, "trial-balance?currency=brl", 422, "ledger_invalid"),
        (FINANCE, "trial-balance?currency=%00", 422, "ledger_invalid"),
        (FINANCE, "accounts/nobody:house", 422, "ledger_invalid"),
        (FINANCE, "accounts/merchant:a%00b", 422, "ledger_invalid"),
        (FINANCE, "accounts/merchant:nobody", 404, "ledger_account_not_found"),
        (FINANCE, "accounts/merchant:house/entries?limit=501", 400, "invalid_request"),
        (FINANCE, "accounts/merchant:house/entries?cursor=9223372036854775808-1", 422, "ledger_invalid"),
        (FINANCE, "transactions/none", 404, "ledger_transaction_not_found"),
        (FINANCE, "transactions/a%00b", 404, "ledger_transaction_not_found"),
    ],
)
async def test_refusals(ask: Ask, caller: Principal | None, path: str, status: int, code: str) -> None:
    answer = await ask(caller, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


class Line:
    """The command line on the test's database, in a thread and loop of its own."""

    def __init__(self, url: str) -> None:
        self._url = url

    def shop(self, *modules: str, **overrides: Any) -> None:
        assert modules == ("payments",)

    @asynccontextmanager
    async def opened(self, settings: Any, *modules: str) -> AsyncIterator[Mapping[str, Opened]]:
        pool = await open_pool(self._url)
        try:
            yield {"payments": Opened(contract=Books(pool))}
        finally:
            await pool.close()

    def run(self, main: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(main)


async def renga(url: str, *words: str) -> tuple[int, str]:
    """Exit status and output of ``renga ledger …``."""
    app = typer.Typer()
    add_ledger_commands(app, Line(url))  # type: ignore[arg-type]
    result = await asyncio.to_thread(CliRunner().invoke, app, ["ledger", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


async def test_commands(books: Books, database_url: str) -> None:
    await books.post(
        transaction(entry("clearing:sim", 100_050), entry("merchant:house", -100_050), key="a"),
        transaction(entry("clearing:sim", 500, "JPY"), entry("merchant:house", -500, "JPY"), key="b"),
    )
    status, output = await renga(database_url, "trial-balance")
    lines = [line.split() for line in output.splitlines()]
    assert status == 0
    assert ["clearing", "BRL", "1000.50", "0.00", "1000.50"] in lines
    assert ["merchant", "JPY", "0", "500", "-500"] in lines
    assert lines[-1] == ["every", "currency", "sums", "to", "zero"]
    status, output = await renga(database_url, "trial-balance", "--currency", "JPY", "--json")
    assert (status, json.loads(output)["totals"]) == (
        0,
        [{"currency": "JPY", "debits": 500, "credits": 500, "balance": 0}],
    )
    period = ("--merchant", "house", "--from", "2026-11-01", "--to", "2026-11-30")
    status, output = await renga(database_url, "statement", *period)
    assert status == 0
    assert [" ".join(line.split()) for line in output.splitlines()] == [
        "merchant house, 2026-11-01 to 2026-11-30 (UTC); positive: the shop owes",
        "opening 0.00 BRL", "2026-11-30T12:00:00.000Z capture order:1 1000.50 BRL", "closing 1000.50 BRL",
        "opening 0 JPY", "2026-11-30T12:00:00.000Z capture order:1 500 JPY", "closing 500 JPY",
    ]  # fmt: skip
    status, output = await renga(database_url, "statement", *period, "--json")
    assert [one["closing"] for one in json.loads(output)["balances"]] == [100_050, 500]
    assert await renga(database_url, "verify") == (
        0,
        "every transaction, checkpoint and total agrees with the entries\n",
    )


async def test_commands_say_what_is_wrong(books: Books, database_url: str) -> None:
    await books.post(transfer("tax", "platform", 5, key="a"))
    async with books.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE payments.ledger_entries SET amount = 6 WHERE account = 'platform'")
    status, output = await renga(database_url, "trial-balance")
    assert (status, output.splitlines()[-1]) == (1, "not zero: BRL")
    status, output = await renga(database_url, "verify")
    assert status == 1
    assert output.splitlines()[-1] == "2 faults"
    assert {line.partition(":")[0] for line in output.splitlines()[:-1]} == {"changed a", "unbalanced a"}


async def test_a_statement_of_more_than_a_page(books: Books, database_url: str) -> None:
    await books.post(*(transfer("merchant:house", "clearing:sim", n) for n in range(1, 601)))
    period = ("--merchant", "house", "--from", "2026-11-30", "--to", "2026-11-30", "--json")
    status, output = await renga(database_url, "statement", *period)
    assert (status, len(json.loads(output)["lines"])) == (0, 600)
    assert json.loads(output)["balances"][0]["closing"] == 180_300
