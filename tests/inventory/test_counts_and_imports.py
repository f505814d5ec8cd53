"""Stock counts, and levels from files."""

import pytest

from renga.domains.inventory.contract import CountChanged, CountClosed, CountNotFound, LevelInvalid, StockImportRefused
from renga.domains.inventory.contract.levels import StockCount, StockRow
from renga.domains.inventory.feeds import read_rows
from renga.domains.inventory.local import LocalStock
from renga.domains.inventory.stores.register import PostgresStockRegister
from tests.inventory.shelves import KEEPER, POTTER, Shelves, Skus

COUNT = "0190e5a8-0001-7000-8000-0000000000aa"


async def test_a_stock_count_is_applied_at_once(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 50)
    await shelves.put("CUP", 7)
    await shelves.reserve(("MUG", 3000))
    await stock.put_count(KEEPER, COUNT, location="default", state="open")
    for sku, counted in (("MUG", 99_000), ("MUG", 48_000), ("CUP", 7000), ("POT", 1500)):
        await stock.count_sku(KEEPER, COUNT, sku, counted)
    assert await shelves.numbers("MUG") == {"default": (50_000, 3000)}
    done = await stock.put_count(KEEPER, COUNT, location="default", state="applied")
    assert [(one.sku, one.counted_milli, one.found_milli) for one in done.lines] == [
        ("CUP", 7000, 7000),
        ("MUG", 48_000, 50_000),
        ("POT", 1500, 0),
    ]
    assert await shelves.numbers("MUG") == {"default": (48_000, 3000)}
    assert await shelves.numbers("POT") == {"default": (1500, 0)}
    assert (await stock.journal(KEEPER, "MUG", limit=1)).items[0].reference == f"count:{COUNT}"
    assert await stock.put_count(KEEPER, COUNT, location="default", state="applied") == done
    for state in ("open", "cancelled"):
        with pytest.raises(CountClosed):
            await stock.put_count(KEEPER, COUNT, location="default", state=state)
    with pytest.raises(CountClosed):
        await stock.count_sku(KEEPER, COUNT, "MUG", 1)
    await shelves.adds_up()


async def test_what_is_counted_while_a_count_is_applied_is_not_lost(
    shelves: Shelves, stock: LocalStock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shelves.put("MUG", 50)
    await stock.put_count(KEEPER, COUNT, location="default", state="open")
    await stock.count_sku(KEEPER, COUNT, "MUG", 48_000)
    read = PostgresStockRegister.count

    async def read_and_counted_on(self: PostgresStockRegister, identifier: str) -> StockCount | None:
        found = await read(self, identifier)
        monkeypatch.setattr(PostgresStockRegister, "count", second)
        return found

    async def second(self: PostgresStockRegister, identifier: str) -> StockCount | None:
        found = await read(self, identifier)
        monkeypatch.setattr(PostgresStockRegister, "count", read)
        await stock.count_sku(KEEPER, COUNT, *meanwhile.pop())
        return found

    meanwhile = [("CUP", 1000), ("MUG", 47_000)]
    while meanwhile:
        monkeypatch.setattr(PostgresStockRegister, "count", read_and_counted_on)
        with pytest.raises(CountChanged):
            await stock.put_count(KEEPER, COUNT, location="default", state="applied")
        assert await shelves.numbers("MUG") == {"default": (50_000, 0)}
    await stock.put_count(KEEPER, COUNT, location="default", state="applied")
    assert await shelves.numbers("MUG") == {"default": (47_000, 0)}
    assert await shelves.numbers("CUP") == {"default": (1000, 0)}
    await shelves.adds_up()


async def test_a_cancelled_count_changes_nothing(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 50)
    await stock.put_count(KEEPER, COUNT, location="default", state="open")
    await stock.count_sku(KEEPER, COUNT, "MUG", 1000)
    assert (await stock.put_count(KEEPER, COUNT, location="default", state="cancelled")).state == "cancelled"
    assert await shelves.numbers("MUG") == {"default": (50_000, 0)}


async def test_a_count_is_its_openers(stock: LocalStock) -> None:
    await stock.put_count(KEEPER, COUNT, location="default", state="open")
    with pytest.raises(CountNotFound):
        await stock.count(POTTER, COUNT)
    with pytest.raises(CountNotFound):
        await stock.put_count(POTTER, COUNT, location="default", state="applied")
    with pytest.raises(CountNotFound):
        await stock.put_count(KEEPER, COUNT.replace("aa", "bb"), location="default", state="applied")
    with pytest.raises(LevelInvalid):
        await stock.put_count(KEEPER, "first", location="default", state="open")


@pytest.mark.parametrize(
    "file",
    [
        b"sku,on_hand,location\nMUG,50,default\nTEA,0.25,\n",
        b"\xef\xbb\xbfon_hand,sku\r\n50,MUG\r\n\r\n0.25,TEA\r\n",
        b'{"sku": "MUG", "on_hand": 50}\n\n{"sku": "TEA", "on_hand": 0.25, "location": "default"}',
    ],
)
async def test_a_file_sets_levels_and_repeating_it_changes_nothing(
    shelves: Shelves, stock: LocalStock, file: bytes
) -> None:
    report = await stock.import_levels(KEEPER, await read_rows(file))
    assert (report.rows, report.changed) == (2, 2)
    assert await shelves.numbers("TEA") == {"default": (250, 0)}
    again = await stock.import_levels(KEEPER, await read_rows(file))
    assert (again.changed, again.unchanged) == (0, 2)
    assert await shelves.names() == ["StockReceived"] * 2


async def test_more_rows_than_one_transaction_takes(shelves: Shelves, stock: LocalStock) -> None:
    rows = [StockRow(sku=f"S{number}", on_hand=number) for number in range(601)]
    assert (await stock.import_levels(KEEPER, rows)).changed == 601
    assert await shelves.available("S600") == 600_000
    await shelves.adds_up()


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"sku,on_hand\nMUG,1\nMUG,2", "there is twice"),
        (b"sku,on_hand\nGHOST,1", "there is no sku"),
        (b"sku,on_hand\nPOT,1\nTEA,2", "there is no sku 'TEA'"),
        (b"sku,on_hand,location\nPOT,1,moon", "there is no location"),
        (b"sku,on_hand\nPOT,-1", "not negative"),
        (b"sku,on_hand\nPOT,0.0001", "three decimals"),
        (b"sku,on_hand\nPOT,nan", "a quantity is at most"),
        (b"sku,on_hand\nPOT,many", "line 2"),
        (b"sku,amount\nPOT,1", "no column 'amount'"),
        (b"sku\nPOT", "on_hand are needed"),
        (b"sku,on_hand,sku\nPOT,1,MUG", "column 'sku' is there twice"),
        (b"sku,on_hand\nPOT,1,default", "more values than the first line has columns"),
        (b'{"sku": "POT"}', "on_hand"),
        (b'{"sku": "POT", "on_hand": 1}\n{', "line 2"),
        (b"sku,on_hand\n\xff,1", "not UTF-8"),
    ],
)
async def test_a_bad_row_refuses_the_file(
    shelves: Shelves, skus: Skus, stock: LocalStock, file: bytes, reason: str
) -> None:
    skus.merchants |= {"POT": "pottery", "MUG": "pottery", "TEA": "teas"}
    skus.unknown.add("GHOST")
    with pytest.raises(StockImportRefused) as refused:
        await stock.import_levels(POTTER, await read_rows(file))
    assert reason.replace("there is twice", "is there twice") in refused.value.detail
    assert await shelves.numbers("POT") == await shelves.numbers("MUG") == {}
