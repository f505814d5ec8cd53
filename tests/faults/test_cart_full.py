"""Redis at its memory limit: every write is refused whole, reads go on, carts expire, and afterwards writes go on."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from joserfc.jwk import KeySet
from litestar import Litestar

from renga.apps.modules import DECLARED
from renga.domains.cart import http as cart_http
from renga.domains.cart.contract import StoreUnavailable
from renga.domains.cart.opening import CartModule
from renga.domains.cart.ports import Guard, LineArgument, MergeLoad
from renga.kernel.caller import ANONYMOUS
from renga.kernel.clock import ManualClock, SystemClock
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.signing import local_key
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.edge import Edge
from renga.platform.http.gate import Gate
from renga.platform.http.lean import LeanTable
from renga.platform.http.problems import EXCEPTION_HANDLERS
from tests.engines import resp
from tests.faults.shop import (
    GUEST,
    SHARDS,
    add,
    create,
    deadlines_of,
    open_cart,
    port_of,
    quantities,
    waiting,
)

LINE = LineArgument(line="new", quantity=1, sku="new", title="New", options={}, prices={"BRL": 100})


def limit(url: str, bytes_max: int) -> None:
    resp.command(port_of(url), "CONFIG", "SET", "maxmemory", bytes_max)


def everything(url: str) -> dict[str, Any]:
    """All that the server holds, with what vanishes when."""
    port, read = port_of(url), {"hash": ("HGETALL",), "stream": ("XRANGE",), "zset": ("ZRANGE",), "string": ("GET",)}
    found = {}
    for key in sorted(resp.command(port, "KEYS", "*")):
        kind = resp.command(port, "TYPE", key)
        more = {"stream": ("-", "+"), "zset": (0, -1, "WITHSCORES")}.get(kind, ())
        found[key] = (resp.command(port, *read[kind], key, *more), resp.command(port, "PEXPIRETIME", key))
    return found


def operations(rooms: CartModule, cart: str, other: str, line: str) -> dict[str, Callable[[], Awaitable[Any]]]:
    store, guard, load = (
        rooms.dependencies.store,
        Guard(operation="o" * 22, fingerprint="f" * 8),
        MergeLoad(lines=(LINE,)),
    )
    fields = {"state": "open", "version": "1", "expires": "9999999999999"}
    return {
        "create": lambda: store.create("01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a10", "BRL", 60_000, guard),
        "add": lambda: store.add(cart, LINE, guard),
        "add without a key": lambda: store.add(cart, LINE, Guard()),
        "set_quantity": lambda: store.set_quantity(cart, line, 2, guard),
        "remove": lambda: store.remove(cart, line, guard),
        "replace": lambda: store.replace(cart, [LINE], guard),
        "clear": lambda: store.replace(cart, [], guard),
        "save": lambda: store.saved(cart, line, "save", guard),
        "coupon": lambda: store.coupon(cart, "CODE", "apply", guard),
        "note": lambda: store.note(cart, "a note", guard),
        "claim": lambda: store.claim(cart, "ana", guard),
        "checkout": lambda: store.checkout(cart, guard),
        "complete": lambda: store.complete(cart, {line: 1}, guard),
        "begin_merge": lambda: store.begin_merge(other, cart, ""),
        "merge": lambda: store.merge(cart, other, load, guard),
        "end_merge": lambda: store.end_merge(other, cart, done=True),
        "restore": lambda: rooms.dependencies.recovery.restore("01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a11", fields),
    }


@pytest.mark.parametrize("engine", ["valkey", "redis7"])
async def test_a_full_redis_refuses_every_write_whole_and_goes_on_reading(
    start_engine: Any, database_url: str, engine: str
) -> None:
    server = start_engine(engine, "--maxmemory-policy", "noeviction")
    async with open_cart(server.url, database_url, deadline_ms=1_000) as rooms:
        cart, other = await create(rooms), await create(rooms)
        await add(rooms, cart, "a", "key", 2)
        await add(rooms, other, "b")
        line = (await rooms.carts.read(ANONYMOUS, cart)).lines[0].line
        before = everything(server.url)
        limit(server.url, 1)
        for name, operation in operations(rooms, cart, other, line).items():
            with pytest.raises(StoreUnavailable) as refused:
                await operation()
            assert refused.value.code == "store_unavailable", name
            assert refused.value.retry_after_s == 5, name
            assert everything(server.url) == before, name
            assert await quantities(rooms, cart) == {"a": 2}
        limit(server.url, 0)
        assert await add(rooms, cart, "a", "key", 2) == 2
        assert await add(rooms, cart, "a", "another key") == 3
        assert await rooms.carts.merge(ANONYMOUS, cart, other, GUEST)
        assert await quantities(rooms, cart) == {"a": 3, "b": 1}


@pytest.mark.parametrize("engine", ["valkey", "redis7"])
async def test_in_a_full_redis_carts_still_expire_and_their_outbox_still_empties(
    start_engine: Any, database_url: str, engine: str
) -> None:
    server = start_engine(engine, "--maxmemory-policy", "noeviction")
    clock = ManualClock(SystemClock().now_ms())
    async with open_cart(server.url, database_url, store_clock=clock) as rooms:
        ids = [(await rooms.carts.create(ANONYMOUS, "BRL", expires_in_s=60, write=GUEST)).cart_id for _ in range(200)]
        for cart_id in ids:
            for sku in ("a", "b", "c"):
                await add(rooms, cart_id, sku)
        limit(server.url, 1)
        before = int(resp.info(port_of(server.url), "memory")["used_memory_dataset"])
        clock.advance(seconds=61)
        swept = [await deadlines_of(rooms).sweep(shard, 100) for shard in range(SHARDS)]
        assert sum(one.expired for one in swept) == 200
        assert sorted(e.subject for e in await waiting(rooms) if e.name == "CartExpired") == sorted(ids)
        for box in rooms.outboxes().values():
            await box.trim([pending.position for pending in await box.read(1_000)])
        assert await waiting(rooms) == []
        assert int(resp.info(port_of(server.url), "memory")["used_memory_dataset"]) < before


async def test_over_http_a_full_redis_is_a_503_that_says_when_to_come_back(
    start_engine: Any, database_url: str, tmp_path: Path
) -> None:
    server = start_engine("valkey", "--maxmemory-policy", "noeviction")
    verifier = TokenVerifier(KeySet([local_key(tmp_path)]), issuer="renga", clock=SystemClock())
    gate = Gate(Authenticator(verifier), rate_classes=DECLARED.rate_classes)
    async with open_cart(server.url, database_url) as rooms:
        api = Litestar([], exception_handlers=EXCEPTION_HANDLERS, openapi_config=None, logging_config=None)
        table = LeanTable(api, cart_http.operations(rooms.carts), body_max_bytes=10_000, gate=gate)
        transport = httpx.ASGITransport(cast(Any, Edge(api, https=False, lean=table)))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            cart = (await client.post("/v1/carts", json={"currency": "BRL"})).json()["id"]
            line = {"sku": "a", "quantity": 1}
            assert (await client.post(f"/v1/carts/{cart}/lines", json=line)).status_code == 200
            limit(server.url, 1)
            for path, body in ((f"/v1/carts/{cart}/lines", line), ("/v1/carts", {"currency": "BRL"})):
                refused = await client.post(path, json=body)
                assert refused.status_code == 503
                assert refused.headers["retry-after"] == "5"
                assert refused.headers["content-type"] == "application/problem+json"
                assert refused.json()["code"] == "store_unavailable"
            read = await client.get(f"/v1/carts/{cart}")
            assert (read.status_code, read.json()["counts"]) == (200, {"lines": 1, "items": 1})
            limit(server.url, 0)
            assert (await client.post(f"/v1/carts/{cart}/lines", json=line)).json()["counts"]["items"] == 2
