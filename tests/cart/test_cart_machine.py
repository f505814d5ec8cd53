"""Hypothesis drives the reference model and the Redis store side by side: same answers, same carts, same events."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from renga.domains.cart.contract import CartTerms
from renga.domains.cart.ports import (
    CartLimits,
    Guard,
    LineArgument,
    MergeLoad,
    Rows,
    StoredCart,
    TermsChange,
    WriteOutcome,
)
from renga.domains.cart.stores.redis import RedisCartStore
from renga.domains.cart.stores.redis_outbox import RedisOutbox
from renga.kernel.clock import ManualClock
from renga.kernel.errors import RengaError
from renga.kernel.ids import uuid7
from renga.platform.redis.client import HotRedis
from tests.cart.reference import Model, Refused
from tests.proof import count

LIMITS = CartLimits(lines=2, quantity=9, coupons=2, orders=2, life_ms=60_000, abandoned_after_ms=20_000)
LINES = st.sampled_from(["l1", "l1", "l2", "l3", "l6"])
QUANTITIES = st.integers(1, 10)
KEYS = st.sampled_from(["", "", "a" * 22, "b" * 22, "c" * 22])
CALLERS = st.sampled_from(["", "", "ana", "bia", "*"])
SHARDS = 2
#: Few carts with few lines: the more often something happens to each.
CARTS_MAX = 3


def argument(line: str, quantity: int) -> LineArgument:
    """Every line has its price, except l6, which is not sold in BRL; l2 has quantity breaks, and of l3 there are 6."""
    prices = {"USD": 7} if line == "l6" else {"USD": 7, "BRL": 100 + int(line[1:])}
    breaks: dict[str, Rows] = {"BRL": ((1, 102), (3, 90), (5, 1_080))} if line == "l2" else {}
    return LineArgument(
        line=line, quantity=quantity, sku=line.upper(), title=f"Título {line}", options={}, prices=prices, breaks=breaks,
        most=6 if line == "l3" else None,
    )  # fmt: skip


class CartMachine(RuleBasedStateMachine):
    """``url`` is set by the test that runs the machine."""

    url = ""
    runs = 0
    carts = Bundle("carts")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        # far in the future: the server forgets keys by its own clock, which must not come into it
        self.clock = ManualClock(4_000_000_000_000)
        self.model = Model(LIMITS)
        CartMachine.runs += 1  # carts of another run must not be met again
        self.count = CartMachine.runs * 1000
        self.redis = HotRedis(self.url)
        self.store = RedisCartStore(self.redis, shards=SHARDS, limits=LIMITS, clock=self.clock)
        self.fingerprints: dict[tuple[str, str], str] = {}
        self.seen: list[tuple[str, str, int]] = []
        self._do(self._empty())

    async def _empty(self) -> None:
        for shard in range(SHARDS):
            for key in (f"outbox:{{{shard}}}", f"deadlines:{{{shard}}}"):
                await self.redis.call(key, "DEL", key)

    def _do(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, 10))

    def teardown(self) -> None:
        self._do(self.redis.close())
        self.loop.close()

    @initialize(target=carts)
    def first_cart(self) -> str:
        cart_id = self.new_cart("BRL", 60_000)
        assert isinstance(cart_id, str)
        return cart_id

    @precondition(lambda self: len(self.model.carts) < CARTS_MAX)
    @rule(target=carts, currency=st.sampled_from(["BRL", "USD"]), life_ms=st.sampled_from([5_000, 30_000, 60_000]))
    def new_cart(self, currency: str, life_ms: int) -> str:
        self.count += 1
        cart_id = uuid7(self.clock.now_ms(), self.count)
        self.model.now_ms = self.clock.now_ms()
        self.model.create(cart_id, currency, life_ms)
        outcome = self._do(self.store.create(cart_id, currency, life_ms, Guard()))
        assert outcome.version == 1
        return cart_id

    def _both(
        self,
        cart_id: str,
        key: str,
        caller: str,
        name: str,
        args: tuple[Any, ...],
        call: Callable[[Guard], Awaitable[WriteOutcome]],
    ) -> None:
        """The same operation on both sides: the same version, or the same refusal."""
        fingerprint = f"{abs(hash((name, repr(args)))) % 10**8:08d}"
        known = self.fingerprints.get((cart_id, key))
        expected: int | str
        try:
            self.model.now_ms = self.clock.now_ms()
            expected = self.model.change(cart_id, key, name, *args, caller=caller)
        except Refused as refused:
            expected = refused.code
        if key and isinstance(expected, int):
            if known not in (None, fingerprint):
                expected = "idempotency_conflict"
            elif known is None and name != "claim":
                self.fingerprints[(cart_id, key)] = fingerprint
        guard = Guard(operation=key, fingerprint=fingerprint, caller=caller)
        try:
            actual: int | str = self._do(call(guard)).version
        except RengaError as error:
            actual = error.code
        assert actual == expected, (name, args)

    @rule(cart_id=carts, key=KEYS, caller=CALLERS, line=LINES, quantity=QUANTITIES)
    def add(self, cart_id: str, key: str, caller: str, line: str, quantity: int) -> None:
        one = argument(line, quantity)
        self._both(cart_id, key, caller, "add", (one,), lambda g: self.store.add(cart_id, one, g))

    @rule(cart_id=carts, key=KEYS, line=LINES, quantity=QUANTITIES, most=st.sampled_from([None, 4]))
    def set_quantity(self, cart_id: str, key: str, line: str, quantity: int, most: int | None) -> None:
        self._both(
            cart_id, key, "*", "set_quantity", (line, quantity, most),
            lambda g: self.store.set_quantity(cart_id, line, quantity, g, most),
        )  # fmt: skip

    @rule(
        cart_id=carts,
        currency=st.sampled_from(["BRL", "USD"]),
        terms=st.sampled_from([CartTerms(), CartTerms(channel="app"), CartTerms(country="BR", groups=("a", "b"))]),
        priced=st.sets(LINES, min_size=2),
        owner=st.sampled_from([None, None, "ana"]),
    )
    def set_terms(self, cart_id: str, currency: str, terms: CartTerms, priced: set[str], owner: str | None) -> None:
        rows: dict[str, Rows] = {line: ((1, 50 + int(line[1:])), (4, 33)) for line in priced}
        change = TermsChange(currency=currency, terms=terms, rows=rows, owner=owner)
        self._both(cart_id, "", "*", "set_terms", (change,), lambda g: self.store.set_terms(cart_id, change, g))

    @rule(cart_id=carts, key=KEYS, line=LINES)
    def remove(self, cart_id: str, key: str, line: str) -> None:
        self._both(cart_id, key, "*", "remove", (line,), lambda g: self.store.remove(cart_id, line, g))

    @rule(cart_id=carts, key=KEYS, lines=st.dictionaries(LINES, QUANTITIES, max_size=5))
    def replace(self, cart_id: str, key: str, lines: dict[str, int]) -> None:
        all_of_them = [argument(line, quantity) for line, quantity in lines.items()]
        self._both(cart_id, key, "*", "replace", (all_of_them,), lambda g: self.store.replace(cart_id, all_of_them, g))

    @rule(cart_id=carts, key=KEYS, line=LINES, change=st.sampled_from(["save", "restore", "remove"]))
    def saved(self, cart_id: str, key: str, line: str, change: str) -> None:
        self._both(cart_id, key, "*", "saved", (line, change), lambda g: self.store.saved(cart_id, line, change, g))

    @rule(cart_id=carts, key=KEYS, code=st.sampled_from(["A", "B", "C"]), change=st.sampled_from(["apply", "remove"]))
    def coupon(self, cart_id: str, key: str, code: str, change: str) -> None:
        self._both(cart_id, key, "*", "coupon", (code, change), lambda g: self.store.coupon(cart_id, code, change, g))

    @rule(cart_id=carts, note=st.sampled_from(["", "oi", "presente 🎁"]))
    def note(self, cart_id: str, note: str) -> None:
        self._both(cart_id, "", "*", "note", (note,), lambda g: self.store.note(cart_id, note, g))

    @rule(cart_id=carts, caller=st.sampled_from(["ana", "bia"]))
    def claim(self, cart_id: str, caller: str) -> None:
        self._both(cart_id, "", caller, "claim", (caller,), lambda g: self.store.claim(cart_id, caller, g))

    @rule(cart_id=carts)
    def checkout(self, cart_id: str) -> None:
        self._both(cart_id, "", "*", "checkout", (), lambda g: self.store.checkout(cart_id, g))

    @rule(
        cart_id=carts,
        ordered=st.dictionaries(LINES, QUANTITIES, min_size=1, max_size=3),
        used=st.lists(st.sampled_from(["A", "B"]), max_size=2),
        order=st.sampled_from(["", "o1", "o1", "o2", "o3"]),
    )
    def complete(self, cart_id: str, ordered: dict[str, int], used: list[str], order: str) -> None:
        self._both(
            cart_id, "", "*", "complete", (ordered, used, order),
            lambda g: self.store.complete(cart_id, ordered, g, used, order),
        )  # fmt: skip

    @rule(cart_id=carts, customer=st.sampled_from(["ana", "bia"]))
    def erase(self, cart_id: str, customer: str) -> None:
        assert self._do(self.store.erase(cart_id, customer)) == self.model.erase(cart_id, customer)

    @rule(target=carts, ids=st.tuples(carts, carts))
    def merge(self, ids: tuple[str, str]) -> str:
        target_id, source_id = ids
        carts = self.model.carts
        if target_id == source_id or carts[target_id].currency != carts[source_id].currency:
            return target_id
        self.model.now_ms = self.clock.now_ms()
        if carts[source_id].state == "merged" and carts[source_id].into == target_id:
            assert self._do(self.store.begin_merge(source_id, target_id, "*")) is None  # done already: nothing to do
            return target_id
        expected: int | str
        try:
            expected = self.model.merge(target_id, source_id)
        except Refused as refused:
            expected = refused.code
        assert self._do(self._merge(target_id, source_id)) == expected
        return target_id

    async def _merge(self, target_id: str, source_id: str) -> int | str:
        """What the use case does with the store, without its reading first."""
        try:
            source = await self.store.begin_merge(source_id, target_id, "*")
        except RengaError as error:
            return error.code
        assert source is not None
        arguments = [
            tuple(
                LineArgument(
                    line=x.line, quantity=x.quantity, sku=x.sku, title=x.title, options={}, prices={}, own_rows=x.rows
                )
                for x in lines
            )
            for lines in (source.lines, source.saved)
        ]
        load = MergeLoad(lines=arguments[0], saved=arguments[1], coupons=source.coupons)
        try:
            outcome = await self.store.merge(target_id, source_id, load, Guard(caller="*"))
        except RengaError as error:
            await self.store.end_merge(source_id, target_id, done=False)
            return error.code
        await self.store.end_merge(source_id, target_id, done=True)
        return outcome.version

    @rule(seconds=st.sampled_from([1, 4, 15, 25, 61]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)
        self.model.now_ms = self.clock.now_ms()

    @rule()
    def sweep(self) -> None:
        self.model.now_ms = self.clock.now_ms()
        self.model.sweep()
        for shard in range(SHARDS):
            while self._do(self.store.sweep(shard, 3)).looked == 3:
                pass

    @invariant()
    def the_carts_are_the_same(self) -> None:
        for cart_id, cart in self.model.carts.items():
            _, stored = self._do(self.store.read(cart_id))
            assert stored is not None
            assert (stored.state, stored.version) == (cart.state, cart.version)
            if cart.state in ("expired", "merged"):
                continue
            assert self._as_model(stored) == (
                {line: (x.quantity, x.price) for line, x in cart.lines.items()},
                {line: (x.quantity, x.price) for line, x in cart.saved.items()},
                (cart.owner, cart.note, tuple(cart.coupons), cart.expires_ms, cart.currency, cart.terms),
            )

    @staticmethod
    def _as_model(stored: StoredCart) -> tuple[Any, ...]:
        return (
            {x.line: (x.quantity, x.price) for x in stored.lines},
            {x.line: (x.quantity, x.price) for x in stored.saved},
            (stored.owner, stored.note, stored.coupons, stored.expires_ms, stored.currency, stored.terms),
        )

    @invariant()
    def the_events_are_the_same_in_order_per_cart(self) -> None:
        for shard in range(SHARDS):
            outbox = RedisOutbox(self.redis, shard)
            pending = self._do(outbox.read(1000))
            self.seen += [(p.event.subject, p.event.name, p.event.sequence) for p in pending]
            self._do(outbox.trim([p.position for p in pending]))
        for cart_id in self.model.carts:
            assert [e for e in self.seen if e[0] == cart_id] == [e for e in self.model.events if e[0] == cart_id]


EXAMPLES = {
    "valkey": count(small=60, full=250),
    "redis7": count(small=20, full=60),
    "cluster": count(small=10, full=25),
}


@pytest.mark.proof
@pytest.mark.timeout(240)
def test_the_store_does_what_the_model_does(redis_url: str, request: pytest.FixtureRequest) -> None:
    CartMachine.url = redis_url
    engine = request.node.callspec.params["redis_url"]
    run_state_machine_as_test(
        CartMachine,
        settings=settings(
            max_examples=EXAMPLES[engine],
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
            # shrinking a failure takes minutes; add Phase.shrink when you have one to look at
            phases=[Phase.generate],
        ),
    )
