"""What the cart does when it hears news: keep snapshots up to date, drop offers that have changed."""

from collections.abc import Mapping, Sequence

from renga.domains.cart.contract.events import ALL_FACTS, CartMerged
from renga.domains.cart.offers import OfferCache
from renga.domains.cart.ports import Recovery, Snapshot, Snapshots
from renga.domains.catalog.contract.events import PriceChanged, ProductArchived, ProductPublished, ProductUpdated
from renga.kernel.events import Event
from renga.kernel.facts import fact_of
from renga.platform.bus.port import Bus, Consumer
from renga.platform.bus.subscribing import types_of

#: What tells that an offer is another now.
PRODUCT_NEWS = types_of(ProductUpdated, ProductPublished, ProductArchived, PriceChanged)
#: News whose snapshots are taken together: the more, the fewer the writes; the longer, the more a lost store loses.
SNAPSHOT_BATCH_MAX, SNAPSHOT_WAIT_MS = 500, 200


def snapshot_consumer(recovery: Recovery, snapshots: Snapshots) -> Consumer:
    """Asks the store for each cart that news came of, and keeps what it says. News may come twice, late or in any order."""

    async def keep(events: Sequence[Event]) -> None:
        merged = {fact_of(e, CartMerged).source_id: e.subject for e in events if e.type == CartMerged.TYPE}
        subjects = dict.fromkeys([*(event.subject for event in events), *merged])
        await take_snapshots(recovery, snapshots, list(subjects), merged)

    return Consumer(
        name="cart.snapshots",
        patterns=ALL_FACTS,
        handler=keep,
        batch_max=SNAPSHOT_BATCH_MAX,
        batch_wait_ms=SNAPSHOT_WAIT_MS,
    )


async def take_snapshots(
    recovery: Recovery, snapshots: Snapshots, cart_ids: Sequence[str], merged: Mapping[str, str] | None = None
) -> None:
    """Keep the carts as the store has them now; a cart that the store does not have is left as it was last seen.

    ``merged`` says which carts the news called merged, and into which others. The source of a merge has no news of its own:
    one that still waits for its tombstone is kept as gone, else a loss of the store would bring it back to life.
    """
    dumped = await recovery.dump(cart_ids)
    for cart_id, target in (merged or {}).items():
        if dumped.get(cart_id, {}).get("state") == "merging" and dumped[cart_id]["into"] == target:
            dumped[cart_id] = _gone(dumped[cart_id])
    taken = [_snapshot(cart_id, fields) for cart_id, fields in dumped.items()]
    if taken:
        await snapshots.save(taken)


def _gone(fields: dict[str, str]) -> dict[str, str]:
    kept = {name: fields[name] for name in ("into", "owner", "expires", "restores") if name in fields}
    return kept | {"state": "merged", "version": str(int(fields["version"]) + 1)}


def _snapshot(cart_id: str, fields: dict[str, str]) -> Snapshot:
    return Snapshot(
        cart_id=cart_id,
        version=int(fields["version"]),
        restores=int(fields.get("restores", 0)),
        state=fields["state"],
        expires_ms=int(fields.get("expires", 0)),
        fields=fields,
    )


async def follow_catalog(bus: Bus, offers: OfferCache) -> None:
    """Drop cached offers as their products change, until cancelled. What is missed is healed by the cache's own freshness."""
    async for event in bus.tail(PRODUCT_NEWS):
        skus = event.data.get("skus") or [event.data.get("sku")]
        offers.drop(str(sku) for sku in skus)
