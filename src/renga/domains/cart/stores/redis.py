"""The cart store on Redis or Valkey, single server or cluster: one script per operation, one slot per shard."""

import asyncio
import secrets
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from renga.domains.cart.contract import USUAL_TERMS, CartTerms
from renga.domains.cart.ports import (
    CartLimits,
    Due,
    Guard,
    LineArgument,
    MergeLoad,
    MergePending,
    StoredCart,
    SweepResult,
    TermsChange,
    WriteOutcome,
)
from renga.domains.cart.stores.redis_codec import decode_cart, decode_fields, encode_rows, encode_terms, line_arguments
from renga.domains.cart.stores.redis_replies import moves_of, raise_trouble, refuse
from renga.domains.cart.stores.redis_scripts import load_scripts
from renga.kernel.clock import Clock
from renga.platform.redis.client import HotRedis
from renga.platform.redis.errors import RedisTrouble


class RedisCartStore:
    """Implements ``CartStore``, ``Deadlines``, ``Recovery`` and ``Erasure`` of the ports.

    ``clock`` is for simulations. Without it the server's clock is used, so wrong clocks of hosts have no effect.
    """

    def __init__(
        self, redis: HotRedis, *, shards: int, limits: CartLimits, region: str = "", clock: Clock | None = None
    ) -> None:
        self._redis = redis
        self._limits = limits
        self._region = region
        self._clock = clock
        self._scripts = load_scripts(limits)
        self.shards = shards
        self._keys = [(f"cart:{{{n}}}:", f"outbox:{{{n}}}", f"deadlines:{{{n}}}") for n in range(shards)]

    def _keys_of(self, cart_id: str) -> tuple[str, str, str]:
        """The keys of a cart. The shard is the CRC-32 of the id modulo the number of shards, the same in every process."""
        cart, outbox, deadlines = self._keys[zlib.crc32(cart_id.encode()) % self.shards]
        return cart + cart_id, outbox, deadlines

    def _now(self) -> int:
        return 0 if self._clock is None else self._clock.now_ms()

    async def _run(self, name: str, keys: tuple[str, ...], args: tuple[Any, ...], *, repeatable: bool) -> Any:
        try:
            return await self._redis.run(self._scripts[name], keys, args, repeatable=repeatable)
        except RedisTrouble as trouble:
            raise_trouble(trouble)

    async def _write(self, name: str, cart_id: str, guard: Guard, *args: Any) -> WriteOutcome:
        reply = await self._run(
            name,
            self._keys_of(cart_id),
            (
                self._now(),
                cart_id,
                guard.operation,
                guard.fingerprint,
                ",".join(guard.if_match),
                guard.caller,
                1 if guard.whole else 0,
                guard.price_key,
                *args,
            ),
            repeatable=guard.operation != "",
        )
        if reply[0] != b"ok":
            refuse(reply)
        return WriteOutcome(
            version=reply[1],
            restores=int(reply[2]),
            line=reply[3].decode(),
            replayed=reply[4] == 1,
            cart=decode_cart(cart_id, reply[5]) if reply[5] else None,
            moves=moves_of(reply[6]) if len(reply) > 6 else (),
        )

    async def create(
        self, cart_id: str, currency: str, life_ms: int, guard: Guard, terms: CartTerms = USUAL_TERMS
    ) -> WriteOutcome:
        stored = ("", b"") if terms == USUAL_TERMS else (terms.price_key, encode_terms(terms))
        return await self._write("create", cart_id, guard, currency, life_ms, self._region, *stored)

    async def set_terms(self, cart_id: str, change: TermsChange, guard: Guard) -> WriteOutcome:
        rows = (x for line, rows in change.rows.items() for x in (line, encode_rows(rows)))
        terms = (change.currency, change.terms.price_key, encode_terms(change.terms))
        read = ("*", "") if change.read is None else (change.read.owner or "", encode_terms(change.read.terms))
        return await self._write("terms", cart_id, guard, change.owner or "", *terms, *read, len(change.rows), *rows)

    async def read(self, cart_id: str) -> tuple[int, StoredCart | None]:
        reply = await self._run("read", (self._keys_of(cart_id)[0],), (self._now(),), repeatable=True)
        return reply[0], decode_cart(cart_id, reply[1])

    async def add(self, cart_id: str, line: LineArgument, guard: Guard) -> WriteOutcome:
        return await self._write("add", cart_id, guard, *line_arguments(line))

    async def set_quantity(
        self, cart_id: str, line: str, quantity: int, guard: Guard, most: int | None = None
    ) -> WriteOutcome:
        return await self._write("set_quantity", cart_id, guard, line, quantity, "" if most is None else most)

    async def remove(self, cart_id: str, line: str, guard: Guard) -> WriteOutcome:
        return await self._write("remove", cart_id, guard, line)

    async def replace(self, cart_id: str, lines: Sequence[LineArgument], guard: Guard) -> WriteOutcome:
        return await self._write("replace", cart_id, guard, len(lines), *_flat(lines))

    async def saved(self, cart_id: str, line: str, change: str, guard: Guard) -> WriteOutcome:
        return await self._write("saved", cart_id, guard, line, change)

    async def coupon(self, cart_id: str, code: str, change: str, guard: Guard) -> WriteOutcome:
        return await self._write("coupon", cart_id, guard, code, change)

    async def note(self, cart_id: str, note: str, guard: Guard) -> WriteOutcome:
        return await self._write("note", cart_id, guard, note)

    async def claim(self, cart_id: str, customer: str, guard: Guard, *, groupless: bool = False) -> WriteOutcome:
        return await self._write("claim", cart_id, guard, customer, 1 if groupless else 0)

    async def checkout(self, cart_id: str, guard: Guard) -> WriteOutcome:
        return await self._write("checkout", cart_id, guard)

    async def complete(
        self,
        cart_id: str,
        ordered: Mapping[str, int],
        guard: Guard,
        coupons: Sequence[str] = (),
        order_id: str = "",
    ) -> WriteOutcome:
        pairs = (x for pair in ordered.items() for x in pair)
        return await self._write("complete", cart_id, guard, len(ordered), *pairs, " ".join(coupons), order_id)

    async def merge(self, cart_id: str, source_id: str, load: MergeLoad, guard: Guard) -> WriteOutcome:
        lines = (len(load.lines), *_flat(load.lines), len(load.saved), *_flat(load.saved))
        return await self._write("merge", cart_id, guard, source_id, " ".join(load.coupons), load.token, *lines)

    async def begin_merge(self, source_id: str, target_id: str, caller: str) -> StoredCart | None:
        reply = await self._merge_step(source_id, target_id, caller, "begin", secrets.token_hex(4))
        return None if reply[0] == b"done" else decode_cart(source_id, reply[1])

    async def end_merge(self, source_id: str, target_id: str, *, done: bool) -> None:
        await self._merge_step(source_id, target_id, "*", "done" if done else "abort")
        if done:
            await self._run(
                "forget_merge", self._keys_of(target_id), (self._now(), target_id, source_id), repeatable=True
            )

    async def give_up_merge(self, source_id: str, target_id: str, token: str) -> bool:
        args = (self._now(), target_id, source_id, token)
        reply = await self._run("refuse_merge", self._keys_of(target_id), args, repeatable=True)
        if reply[0] == b"done":
            await self.end_merge(source_id, target_id, done=True)
            return False
        await self._merge_step(source_id, target_id, "*", "thaw", token)
        return True

    async def _merge_step(self, source_id: str, target_id: str, caller: str, step: str, token: str = "") -> Any:
        args = (self._now(), source_id, target_id, caller, step, token)
        reply = await self._run("merge_source", self._keys_of(source_id), args, repeatable=True)
        if reply[0] not in (b"ok", b"done"):
            refuse(reply)
        return reply

    async def due(self, shards: Sequence[int]) -> Due:
        if not self._redis.slotted:
            return await self._due(shards) if shards else Due(shards=(), next_ms=None)
        each = await asyncio.gather(*(self._due([shard]) for shard in shards))
        waits = [one.next_ms for one in each if one.next_ms is not None]
        return Due(shards=tuple(shard for one in each for shard in one.shards), next_ms=min(waits, default=None))

    async def _due(self, shards: Sequence[int]) -> Due:
        keys = tuple(self._keys[shard][2] for shard in shards)
        next_ms, *places = await self._run("soon", keys, (self._now(),), repeatable=True)
        return Due(shards=tuple(shards[place] for place in places), next_ms=None if next_ms < 0 else next_ms)

    async def sweep(self, shard: int, limit: int) -> SweepResult:
        cart, outbox, deadlines = self._keys[shard]
        ids = [raw.decode() for raw in await self._run("due", (deadlines,), (self._now(), limit), repeatable=True)]
        if not ids:
            return SweepResult(looked=0, expired=0, abandoned=0, merging=())
        keys = (outbox, outbox, deadlines, *(cart + one for one in ids))
        report = [raw.decode() for raw in await self._run("sweep", keys, (self._now(), *ids), repeatable=True)]
        done = dict(zip(report[::2], report[1::2], strict=True))
        return SweepResult(
            looked=len(ids),
            expired=sum(what == "expired" for what in done.values()),
            abandoned=sum(what == "abandoned" for what in done.values()),
            merging=tuple(MergePending(i, w.partition(" ")[2]) for i, w in done.items() if w.startswith("merging ")),
        )

    async def dump(self, cart_ids: Sequence[str]) -> dict[str, dict[str, str]]:
        try:
            replies = await self._redis.call_all([("HGETALL", self._keys_of(cart_id)[0]) for cart_id in cart_ids])
        except RedisTrouble as trouble:
            raise_trouble(trouble)
        return {cart_id: decode_fields(reply) for cart_id, reply in zip(cart_ids, replies, strict=True) if reply}

    async def restore(self, cart_id: str, fields: Mapping[str, str]) -> bool:
        state, expires = fields["state"], int(fields.get("expires", 0))
        alive = state in ("open", "checkout", "merging")
        vanish = expires + (self._limits.safety_net_ms if alive or state == "completed" else self._limits.tombstone_ms)
        flat = [x for pair in fields.items() for x in pair]
        args = (self._now(), cart_id, vanish, 1 if alive else 0, *flat)
        return bool(await self._run("restore", self._keys_of(cart_id), args, repeatable=True))

    async def erase(self, cart_id: str, customer: str) -> bool:
        args = (self._now(), cart_id, customer)
        return bool(await self._run("erase", self._keys_of(cart_id), args, repeatable=True))


def _flat(lines: Sequence[LineArgument]) -> list[str | int | bytes]:
    return [argument for line in lines for argument in line_arguments(line)]
