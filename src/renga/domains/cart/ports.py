"""What the cart needs from outside: a store whose every write is one atomic step, deadlines, snapshots, an id for a key."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec


class CartLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds that every store enforces inside the step; times are milliseconds.

    ``operations_bytes`` bounds the memory of idempotency keys (a key takes about 45 bytes; the oldest go first).
    ``orders`` is how many orders a cart remembers that were taken out of it (the oldest go first).
    """

    lines: int = 100
    quantity: int = 999
    bytes: int = 65_536
    coupons: int = 5
    operations_bytes: int = 6_144
    orders: int = 50
    life_ms: int = 30 * 86_400_000
    abandoned_after_ms: int = 3_600_000
    tombstone_ms: int = 86_400_000
    safety_net_ms: int = 7 * 86_400_000
    merge_retry_ms: int = 30_000


class StoredLine(msgspec.Struct, frozen=True):
    """A line as stored: ``price`` is minor units of the cart's currency, ``sequence`` orders lines as they came."""

    line: str
    quantity: int
    sequence: int
    price: int
    sku: str
    title: str
    options: dict[str, str]


class StoredCart(msgspec.Struct, kw_only=True, frozen=True):
    """A cart as stored. ``state`` is open, checkout, completed, merging, merged or expired; times are ms since the epoch."""

    id: str
    state: str
    version: int
    currency: str = ""
    owner: str | None = None
    created_ms: int = 0
    updated_ms: int = 0
    expires_ms: int = 0
    life_ms: int = 0
    restores: int = 0
    note: str = ""
    coupons: tuple[str, ...] = ()
    lines: tuple[StoredLine, ...] = ()
    saved: tuple[StoredLine, ...] = ()
    into: str | None = None

    @property
    def etag(self) -> str:
        """The value of its ETag."""
        return etag(self.version, self.restores)


def etag(version: int, restores: int) -> str:
    """The version, and after a restore also how many restores there were: ``7``, ``7-1``."""
    return f"{version}-{restores}" if restores else str(version)


class LineArgument(msgspec.Struct, frozen=True, kw_only=True):
    """A line to put: ``prices`` per currency, of which the store takes the cart's; ``own_price`` (merge) beats them."""

    line: str
    quantity: int
    sku: str
    title: str
    options: Mapping[str, str]
    prices: Mapping[str, int]
    own_price: int | None = None


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes and under which conditions.

    ``operation``    22 characters that stand for the caller's idempotency key; empty for none
    ``fingerprint``  8 characters that stand for the operation and its input
    ``if_match``     accepted ETags; empty for any
    ``caller``       empty for a guest, ``*`` for a service, else the customer
    ``whole``        answer with the whole cart
    """

    operation: str = ""
    fingerprint: str = ""
    if_match: tuple[str, ...] = ()
    caller: str = ""
    whole: bool = True


class WriteOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a write did. ``cart`` is there if the guard asked for the whole."""

    version: int
    restores: int = 0
    line: str = ""
    replayed: bool = False
    cart: StoredCart | None = None


class MergeLoad(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge brings: lines, saved lines and coupon codes of the source."""

    lines: tuple[LineArgument, ...]
    saved: tuple[LineArgument, ...] = ()
    coupons: tuple[str, ...] = ()


class MergePending(msgspec.Struct, frozen=True):
    """A merge that was begun and not finished: ``source_id`` is frozen until it is."""

    source_id: str
    target_id: str


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """What one sweep of a shard did. ``looked`` equals the limit when there may be more."""

    looked: int
    expired: int
    abandoned: int
    merging: tuple[MergePending, ...]


class CartStore(Protocol):
    """Every method is one atomic step that changes the cart, keeps the operation, moves the deadline and records the event.

    Errors are those of the contract; on any error nothing has changed. Every adapter passes ``tests/ports/test_cart_store.py``.
    """

    async def create(self, cart_id: str, currency: str, life_ms: int, guard: Guard) -> WriteOutcome:
        """A new cart; the same id with the same operation and input again is a replay, else IdempotencyConflict."""
        ...

    async def read(self, cart_id: str) -> tuple[int, StoredCart | None]:
        """The store's clock in ms, and the cart in whatever state it is (None: the store does not know it)."""
        ...

    async def add(self, cart_id: str, line: LineArgument, guard: Guard) -> WriteOutcome:
        """Raises QuantityOutOfRange, CurrencyUnavailable, LineLimit."""
        ...

    async def set_quantity(self, cart_id: str, line: str, quantity: int, guard: Guard) -> WriteOutcome:
        """Raises LineNotFound, QuantityOutOfRange."""
        ...

    async def remove(self, cart_id: str, line: str, guard: Guard) -> WriteOutcome:
        """Raises LineNotFound."""
        ...

    async def replace(self, cart_id: str, lines: Sequence[LineArgument], guard: Guard) -> WriteOutcome:
        """The lines are distinct; one that is already there keeps its price. Raises as add."""
        ...

    async def saved(self, cart_id: str, line: str, change: str, guard: Guard) -> WriteOutcome:
        """``change`` is save, restore or remove. Raises LineNotFound, LineLimit, QuantityOutOfRange."""
        ...

    async def coupon(self, cart_id: str, code: str, change: str, guard: Guard) -> WriteOutcome:
        """``change`` is apply or remove. Raises CouponLimit."""
        ...

    async def note(self, cart_id: str, note: str, guard: Guard) -> WriteOutcome:
        """Set the note; empty removes it."""
        ...

    async def claim(self, cart_id: str, customer: str, guard: Guard) -> WriteOutcome:
        """Set the owner; already this customer's: nothing changes. Someone else's: CartNotFound."""
        ...

    async def checkout(self, cart_id: str, guard: Guard) -> WriteOutcome:
        """State ``checkout`` until the next change."""
        ...

    async def complete(
        self,
        cart_id: str,
        ordered: Mapping[str, int],
        guard: Guard,
        coupons: Sequence[str] = (),
        order_id: str = "",
    ) -> WriteOutcome:
        """Take away what was ordered and the used codes (``coupons``); with no line left the state is ``completed``.

        ``order_id`` (empty: none) is remembered beside the lines, in the same step and in the fields that ``dump`` gives: the
        same again is a replay, without a key too and whatever the state is, as long as the cart has its lines' fields.
        """
        ...

    async def begin_merge(self, source_id: str, target_id: str, caller: str) -> StoredCart | None:
        """Freeze the source and give its lines; None when this very merge is already done. Raises CartBusy for another one."""
        ...

    async def merge(self, cart_id: str, source_id: str, load: MergeLoad, guard: Guard) -> WriteOutcome:
        """Put the source's load into the target, once. Raises LineLimit, CurrencyUnavailable, CartTooLarge."""
        ...

    async def end_merge(self, source_id: str, target_id: str, *, done: bool) -> None:
        """Leave the source's tombstone and say CartUpdated of it (``done``), or thaw it. Idempotent."""
        ...


class Deadlines(Protocol):
    """The deadline index of the store, by shard."""

    @property
    def shards(self) -> int:
        """How many shards there are, numbered from 0."""
        ...

    async def sweep(self, shard: int, limit: int) -> Swept:
        """Expire and abandon carts whose deadline has come, at most ``limit``; each exactly once whoever sweeps."""
        ...


class Recovery(Protocol):
    """The two halves of a snapshot: what the store would lose, in a form that it takes back."""

    async def dump(self, cart_ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """The raw fields of carts by id; a cart that is not there is absent."""
        ...

    async def restore(self, cart_id: str, fields: Mapping[str, str]) -> bool:
        """Bring a cart back unless it is there; True if it was brought back."""
        ...


class Erasure(Protocol):
    """The store's part in forgetting a person."""

    async def erase(self, cart_id: str, customer: str) -> bool:
        """Forget the customer in a cart that is hers: owner, note, lines with options; tombstones and frozen carts too.

        The version grows, and all but tombstones say CartUpdated. False, and nothing changes, for a cart that is not hers.
        """
        ...


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A cart's raw fields as last seen. ``expires_ms`` and ``state`` stand beside them for queries."""

    cart_id: str
    version: int
    restores: int
    state: str
    expires_ms: int
    fields: dict[str, str]


class Snapshots(Protocol):
    """The snapshot read model. Every method raises StoreUnavailable when its database is away."""

    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        """Keep the newest (by version, then restores) of each cart."""
        ...

    async def find(self, cart_id: str) -> Snapshot | None:
        """The last snapshot of a cart."""
        ...

    async def overdue(self, before_ms: int, limit: int) -> Sequence[str]:
        """Ids of carts that are open in their snapshot but should have expired before that moment, oldest first."""
        ...

    async def forget(self, before_ms: int, limit: int) -> int:
        """Delete snapshots of carts that are over since before that moment; how many."""
        ...

    async def owned_by(self, customer: str, limit: int) -> Sequence[str]:
        """Ids of at most ``limit`` carts that are the customer's in their snapshot."""
        ...

    async def drop(self, cart_ids: Sequence[str], customer: str) -> None:
        """Delete the snapshots of these carts in which the customer is the owner; a later one without her stays."""
        ...


class CurrentCarts(Protocol):
    """Which cart is a customer's current one. Every method raises StoreUnavailable when its database is away."""

    async def find(self, customer: str) -> str | None:
        """The id of her current cart; None if she never had one."""
        ...

    async def put(self, customer: str, cart_id: str, *, instead_of: str | None) -> str:
        """Make it her current cart if that still is ``instead_of`` (None: none). Answers which one is current after it.

        Of a customer who is forgotten (``ErasedCustomers``) nothing is kept, whichever of the two came first.
        """
        ...

    async def drop(self, customer: str) -> None:
        """Forget which cart is hers. Idempotent."""
        ...


class ErasedCustomers(Protocol):
    """Who is to be forgotten, by id, so that what comes late is forgotten too. Every method raises StoreUnavailable."""

    async def record(self, customer: str) -> None:
        """From now on ``among`` names her. Idempotent."""
        ...

    async def among(self, customers: Iterable[str]) -> frozenset[str]:
        """Which of these are recorded."""
        ...

    async def forget(self, before_ms: int, limit: int) -> int:
        """Delete records from before that moment, at most ``limit``; how many."""
        ...
