"""The cart's ports: a store with atomic writes, deadlines, snapshots, current carts, erasure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from renga.domains.cart.contract import USUAL_TERMS, CartTerms, PriceMove
from renga.kernel.buyer_terms import VerifiedFacts
from renga.kernel.errors import RengaError

#: Price rows of one sku in one currency: (from this quantity on, minor units for one piece), ascending; the first is from 1.
Rows = tuple[tuple[int, int], ...]


class TermsDiffer(RengaError):
    """The cart's prices are for ``price_key``, not for the one that the guard assumed. Nothing was changed."""

    code = "cart_terms_differ"
    title = "The cart has other terms"

    def __init__(self, price_key: str) -> None:
        super().__init__()
        self.price_key = price_key


class LinesDiffer(RengaError):
    """The cart has a line for which no prices were given. Nothing was changed."""

    code = "cart_lines_differ"
    title = "The cart has other lines"


class CartLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits that every store enforces inside the atomic step; times are milliseconds.

    ``operations_bytes`` bounds the memory of idempotency keys (a key takes about 45 bytes; the oldest are evicted first).
    ``orders`` is how many completed orders a cart remembers (the oldest are evicted first).
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
    """A line as stored: ``price`` is that of one piece at this quantity, in minor units of the cart's currency.

    ``sequence`` is the order of insertion; ``rows`` its price rows, the first of them from one piece on.
    """

    line: str
    quantity: int
    sequence: int
    price: int
    sku: str
    title: str
    options: dict[str, str]
    rows: Rows


class StoredCart(msgspec.Struct, kw_only=True, frozen=True):
    """A cart as stored. ``state`` is open, checkout, completed, merging, merged or expired; times are ms since the epoch.

    ``into`` is the target of a merge; ``token`` distinguishes one freeze for a merge from the next.
    """

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
    token: str = ""
    terms: CartTerms = USUAL_TERMS

    @property
    def etag(self) -> str:
        """The value of the cart's ETag."""
        return etag(self.version, self.restores)


def etag(version: int, restores: int) -> str:
    """The version; after restores also their number: ``7``, ``7-1``."""
    return f"{version}-{restores}" if restores else str(version)


class LineArgument(msgspec.Struct, frozen=True, kw_only=True):
    """A line to write: the store picks the cart's currency from ``prices``; ``own_rows`` (merge) take precedence.

    ``prices``  minor units for one piece, by currency; ``breaks``: rows of the currencies that have quantity breaks
    ``most``    the most that the line may hold, as stock allows; None: any quantity
    """

    line: str
    quantity: int
    sku: str
    title: str
    options: Mapping[str, str]
    prices: Mapping[str, int]
    breaks: Mapping[str, Rows] = {}
    own_rows: Rows | None = None
    most: int | None = None


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """The caller and the preconditions of a write.

    ``operation``    hash of the caller's idempotency key, 22 characters; empty for none
    ``fingerprint``  hash of the operation and its input, 8 characters
    ``if_match``     accepted ETags; empty for any
    ``caller``       empty for a guest, ``*`` for a service, else the customer
    ``whole``        return the whole cart
    ``price_key``    what the caller's prices are for (``CartTerms.price_key``); empty: any. Else TermsDiffer
    """

    operation: str = ""
    fingerprint: str = ""
    if_match: tuple[str, ...] = ()
    caller: str = ""
    whole: bool = True
    price_key: str = ""


class Whose(NamedTuple):
    """A cart's owner and terms."""

    owner: str | None = None
    terms: CartTerms = USUAL_TERMS


class TermsChange(msgspec.Struct, frozen=True, kw_only=True):
    """New terms of a cart with the price rows of every line, by line; ``owner`` claims it in the same step.

    ``read`` is what the change was made for: the owner, and for a claim, which keeps everything else, the terms; None: any.
    """

    currency: str
    terms: CartTerms
    rows: Mapping[str, Rows]
    owner: str | None = None
    read: Whose | None = None


class WriteOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a write. ``cart`` is set if the guard has ``whole``."""

    version: int
    restores: int = 0
    line: str = ""
    replayed: bool = False
    cart: StoredCart | None = None
    moves: tuple[PriceMove, ...] = ()


class MergeLoad(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge adds to the target: lines, saved lines and coupon codes of the source; ``token`` is that of its freeze."""

    lines: tuple[LineArgument, ...]
    saved: tuple[LineArgument, ...] = ()
    coupons: tuple[str, ...] = ()
    token: str = ""


class MergePending(msgspec.Struct, frozen=True):
    """A merge that was started and not finished: ``source_id`` is frozen until it is finished."""

    source_id: str
    target_id: str


class SweepResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one sweep of a shard. ``looked`` equals the limit when there may be more."""

    looked: int
    expired: int
    abandoned: int
    merging: tuple[MergePending, ...]


class CartStore(Protocol):
    """Every write is one atomic step: it changes the cart, stores the idempotency key, moves the deadline, records the event.

    Errors are those of the contract, and TermsDiffer; after any error nothing has changed. A write that takes a quantity
    across a quantity break of a line's rows reports the move. Every adapter passes ``tests/ports/test_cart_store.py``.
    """

    async def create(
        self, cart_id: str, currency: str, life_ms: int, guard: Guard, terms: CartTerms = USUAL_TERMS
    ) -> WriteOutcome:
        """Create a cart. An existing id with the same operation and input is a replay, else IdempotencyConflict."""
        ...

    async def set_terms(self, cart_id: str, change: TermsChange, guard: Guard) -> WriteOutcome:
        """Set terms, rows of every line and saved line, and the owner if given; the moves are those of the lines.

        Raises LinesDiffer if a line has no rows in ``change``, or it was made for another owner, or a claim for other terms
        or another currency; with ``owner`` as ``claim``.
        """
        ...

    async def read(self, cart_id: str) -> tuple[int, StoredCart | None]:
        """The store's clock in ms, and the cart in any state (None: not in the store)."""
        ...

    async def add(self, cart_id: str, line: LineArgument, guard: Guard) -> WriteOutcome:
        """Raises QuantityOutOfRange, OutOfStock, CurrencyUnavailable, LineLimit."""
        ...

    async def set_quantity(
        self, cart_id: str, line: str, quantity: int, guard: Guard, most: int | None = None
    ) -> WriteOutcome:
        """``most`` as in LineArgument; less than before is always allowed.

        Raises LineNotFound, QuantityOutOfRange, OutOfStock.
        """
        ...

    async def remove(self, cart_id: str, line: str, guard: Guard) -> WriteOutcome:
        """Raises LineNotFound."""
        ...

    async def replace(self, cart_id: str, lines: Sequence[LineArgument], guard: Guard) -> WriteOutcome:
        """``lines`` are distinct; a line that is already in the cart keeps its price. Raises as add."""
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

    async def claim(self, cart_id: str, customer: str, guard: Guard, *, groupless: bool = False) -> WriteOutcome:
        """Set the owner. No change if the customer already owns it; CartNotFound if another customer does.

        ``groupless``: the customer is in no group; TermsDiffer if the customer's cart has prices of a group.
        """
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
        """Subtract what was ordered, remove the used codes (``coupons``); with no line left, also no saved one, the
        state is ``completed``.

        ``order_id`` (empty: none) is stored in the same step, in the fields that ``dump`` returns. A repeated ``order_id`` is
        a replay, with or without a key and in any state in which the cart still has its lines' fields.
        """
        ...

    async def begin_merge(self, source_id: str, target_id: str, caller: str) -> StoredCart | None:
        """Freeze the source and return it; None if this merge is already done. Raises CartBusy during another merge."""
        ...

    async def merge(self, cart_id: str, source_id: str, load: MergeLoad, guard: Guard) -> WriteOutcome:
        """Add the source's load to the target, once. Raises LineLimit, CurrencyUnavailable, CartTooLarge.

        CartBusy without ``into``: this freeze of the source was given up.
        """
        ...

    async def end_merge(self, source_id: str, target_id: str, *, done: bool) -> None:
        """``done``: replace the source by a tombstone and record CartUpdated; else unfreeze it. Idempotent."""
        ...

    async def give_up_merge(self, source_id: str, target_id: str, token: str) -> bool:
        """Unfreeze the source of this freeze, whoever else works at it: the target takes its load no more. Idempotent.

        False: the target has the load already, so the merge was ended as done.
        """
        ...


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """``shards`` have a cart whose deadline has passed; the others' next deadline is in ``next_ms`` (None: there is none)."""

    shards: tuple[int, ...]
    next_ms: int | None


class Deadlines(Protocol):
    """The deadline index of the store, by shard."""

    @property
    def shards(self) -> int:
        """How many shards there are, numbered from 0."""
        ...

    async def due(self, shards: Sequence[int]) -> Due:
        """Which of the shards to sweep now: one question for all of them, unless they are on several servers."""
        ...

    async def sweep(self, shard: int, limit: int) -> SweepResult:
        """Expire and abandon carts whose deadline has passed, at most ``limit``; exactly once with concurrent sweepers."""
        ...


class Recovery(Protocol):
    """Export and restore of a cart's raw fields, for snapshots."""

    async def dump(self, cart_ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """The raw fields of carts by id; carts that are not in the store are absent."""
        ...

    async def restore(self, cart_id: str, fields: Mapping[str, str]) -> bool:
        """Restore a cart unless the store has it; True if it was restored."""
        ...


class Erasure(Protocol):
    """Removal of a person's data from the store."""

    async def erase(self, cart_id: str, customer: str) -> bool:
        """Remove owner, note and lines with options from a cart that the customer owns; tombstones and frozen carts too.

        The version grows, and CartUpdated is recorded, except for tombstones. False, and no change, if the customer does
        not own the cart.
        """
        ...


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A cart's raw fields at the last snapshot. ``expires_ms`` and ``state`` are repeated for queries."""

    cart_id: str
    version: int
    restores: int
    state: str
    expires_ms: int
    fields: dict[str, str]


class Snapshots(Protocol):
    """The snapshot read model. Every method raises StoreUnavailable when its database is unavailable."""

    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        """Store them; of each cart the newest is kept (by restores, then version)."""
        ...

    async def find(self, cart_id: str) -> Snapshot | None:
        """The last snapshot of a cart."""
        ...

    async def newest(self, now_ms: int, limit: int) -> Sequence[StoredCart]:
        """At most ``limit`` carts with lines that are open in their snapshot and have not expired, newest first."""
        ...

    async def overdue(self, before_ms: int, limit: int) -> Sequence[str]:
        """Ids of at most ``limit`` carts that are open in their snapshot but expired before ``before_ms``, oldest first."""
        ...

    async def forget(self, before_ms: int, limit: int) -> int:
        """Delete at most ``limit`` snapshots of ended carts that expired before ``before_ms``; return how many."""
        ...

    async def owned_by(self, customer: str, limit: int) -> Sequence[str]:
        """Ids of at most ``limit`` carts whose snapshot has this customer as owner."""
        ...

    async def drop(self, cart_ids: Sequence[str], customer: str) -> None:
        """Delete the snapshots of these carts in which the customer is the owner; a later one without the owner stays."""
        ...


class CurrentCarts(Protocol):
    """Each customer's current cart. Every method raises StoreUnavailable when its database is unavailable."""

    async def find(self, customer: str) -> str | None:
        """The id of the customer's current cart; None if there is none."""
        ...

    async def put(self, customer: str, cart_id: str, *, instead_of: str | None) -> str:
        """Compare and set: make it the current cart if that is ``instead_of`` (None: none). Returns the current cart after it.

        Nothing is kept of a customer in ``ErasedCustomers``, whichever of the two was written first.
        """
        ...

    async def drop(self, customer: str) -> None:
        """Delete the customer's entry. Idempotent."""
        ...


class ErasedCustomers(Protocol):
    """Ids of erased customers, so that late writes are erased too. Every method raises StoreUnavailable."""

    async def record(self, customer: str) -> None:
        """Record the customer: from now on ``among`` returns them. Idempotent."""
        ...

    async def among(self, customers: Iterable[str]) -> frozenset[str]:
        """The recorded ones of these."""
        ...

    async def forget(self, before_ms: int, limit: int) -> int:
        """Delete at most ``limit`` records older than ``before_ms``; return how many."""
        ...


class BuyerFacts(Protocol):
    """What the shop has verified about customers."""

    async def verified(self, customer: str) -> VerifiedFacts:
        """Groups, tax id and exemption of an account; NOTHING_VERIFIED if there are none.

        Raises Unavailable, after a moment at the latest: a write waits for it.
        """
        ...


class Sellable(msgspec.Struct, frozen=True):
    """``most`` is how many pieces can be sold now, None: any number. Not ``counted``: the inventory does not know the sku."""

    most: int | None = None
    counted: bool = True


class StockLevels(Protocol):
    """What the inventory counts."""

    async def sellable(self, skus: Sequence[str]) -> Mapping[str, Sellable]:
        """What can be sold of up to 500 skus; those that are not counted are absent. Raises Unavailable."""
        ...
