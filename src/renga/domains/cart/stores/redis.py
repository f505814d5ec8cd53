"""The cart store on Redis or Valkey, single server or cluster: one script per operation, one slot per shard."""

import asyncio
import importlib.resources
import secrets
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from renga.domains.cart import contract
from renga.domains.cart.contract import USUAL_TERMS, CartTerms, PriceMove
from renga.domains.cart.ports import (
    CartLimits,
    Due,
    Guard,
    LineArgument,
    LinesDiffer,
    MergeLoad,
    MergePending,
    StoredCart,
    SweepResult,
    TermsChange,
    TermsDiffer,
    WriteOutcome,
)
from renga.domains.cart.stores.redis_codec import decode_cart, decode_fields, encode_rows, encode_terms, line_arguments
from renga.kernel.clock import Clock
from renga.kernel.errors import RengaError
from renga.kernel.money import Money
from renga.platform.redis.client import HotRedis, Script
from renga.platform.redis.errors import Full, NotSent, RedisTrouble, Unanswered

_ERRORS: dict[bytes, type[RengaError]] = {
    error.code.encode(): error
    for error in (
        contract.CartNotFound,
        contract.CartHasExpired,
        contract.CartMergedAway,
        contract.CartAlreadyCompleted,
        contract.CartBusy,
        contract.LineNotFound,
        contract.CurrencyUnavailable,
        contract.QuantityOutOfRange,
        contract.LineLimit,
        contract.CartTooLarge,
        contract.CouponLimit,
        contract.VersionConflict,
        contract.IdempotencyConflict,
    )
}
#: The problem document's member for the second element of an error reply.
_DETAILS = {
    "quantity_out_of_range": "maximum",
    "line_limit": "limit",
    "cart_too_large": "limit",
    "coupon_limit": "limit",
    "version_conflict": "etag",
    "currency_unavailable": "currency",
    "cart_busy": "into",
}
_NO_PRELUDE = ("read", "due", "soon")
_NO_GUARD = ("create", "merge_source", "refuse_merge", "forget_merge", "sweep", "restore", "erase")
_OPERATIONS = (
    "add",
    "set_quantity",
    "remove",
    "replace",
    "saved",
    "coupon",
    "note",
    "claim",
    "checkout",
    "complete",
    "merge",
    "terms",
)


def load_scripts(limits: CartLimits) -> dict[str, Script]:
    """The scripts with the limits as literals: a changed limit gives a script with another SHA, so versions never mix."""
    folder = importlib.resources.files("renga.domains.cart.stores") / "scripts"
    source = {name: (folder / f"{name}.lua").read_text("utf-8") for name in (*_NO_PRELUDE, *_NO_GUARD, *_OPERATIONS)}
    prelude = (folder / "prelude.lua").read_text("utf-8")
    for name in sorted(limits.__struct_fields__, key=len, reverse=True):
        spelled = f"{name}_max" if f"${name}_max" in prelude else name
        prelude = prelude.replace(f"${spelled}", str(getattr(limits, name)))
    guard, merged, ordered = ((folder / f"{name}.lua").read_text("utf-8") for name in ("guard", "merged", "ordered"))
    head = (
        dict.fromkeys(_NO_PRELUDE, "") | dict.fromkeys(_NO_GUARD, prelude) | dict.fromkeys(_OPERATIONS, prelude + guard)
    )
    head["merge"] = prelude + merged + guard
    head["complete"] = prelude + ordered + guard
    # carts must expire on a full server too: that frees memory
    head["sweep"] = prelude.replace("#!lua\n", "#!lua flags=allow-oom\n", 1)
    return {name: Script(name, head[name] + text) for name, text in source.items()}


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
            _raise(trouble)

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
            _refuse(reply)
        return WriteOutcome(
            version=reply[1],
            restores=int(reply[2]),
            line=reply[3].decode(),
            replayed=reply[4] == 1,
            cart=decode_cart(cart_id, reply[5]) if reply[5] else None,
            moves=_moves(reply[6]) if len(reply) > 6 else (),
        )

    async def create(
        self, cart_id: str, currency: str, life_ms: int, guard: Guard, terms: CartTerms = USUAL_TERMS
    ) -> WriteOutcome:
        stored = ("", b"") if terms == USUAL_TERMS else (terms.price_key, encode_terms(terms))
        return await self._write("create", cart_id, guard, currency, life_ms, self._region, *stored)

    async def set_terms(self, cart_id: str, change: TermsChange, guard: Guard) -> WriteOutcome:
        rows = (x for line, rows in change.rows.items() for x in (line, encode_rows(rows)))
        terms = (change.currency, change.terms.price_key, encode_terms(change.terms))
        return await self._write("terms", cart_id, guard, change.owner or "", *terms, len(change.rows), *rows)

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

    async def claim(self, cart_id: str, customer: str, guard: Guard) -> WriteOutcome:
        return await self._write("claim", cart_id, guard, customer)

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
            _refuse(reply)
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
            _raise(trouble)
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


def _refuse(reply: Sequence[bytes | int]) -> NoReturn:
    code = reply[0]
    assert isinstance(code, bytes)
    if code == b"lines_differ":
        raise LinesDiffer()
    details = [detail.decode() if isinstance(detail, bytes) else detail for detail in reply[1:]]
    if code == b"terms_differ":
        raise TermsDiffer(str(details[0]))
    if code == b"out_of_stock":
        raise contract.OutOfStock(available=int(details[0]), line=details[1])
    error = _ERRORS[code]
    extra: dict[str, Any] = {_DETAILS[error.code]: details[0]} if details else {}
    raise error(**extra)


def _moves(flat: Sequence[bytes]) -> tuple[PriceMove, ...]:
    """From the currencies before and now, then line, price before and price now of each move."""
    before, now, *parts = (part.decode() for part in flat)
    triples = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return tuple(
        PriceMove(line=line, was=Money(int(was), before), now=Money(int(price), now)) for line, was, price in triples
    )


def _raise(trouble: RedisTrouble) -> NoReturn:
    if isinstance(trouble, Unanswered):
        raise contract.CartOutcomeUnknown() from trouble
    if isinstance(trouble, Full):
        raise contract.StoreUnavailable("the cart store is full; nothing was changed", retry_after_s=5) from trouble
    if isinstance(trouble, NotSent):
        raise contract.StoreUnavailable(retry_after_s=1) from trouble
    raise contract.StoreUnavailable(f"the cart store refused the command: {trouble}", retry_after_s=5) from trouble
