"""What the cart does when it hears news: keep snapshots up to date, drop offers that have changed."""

from collections.abc import Sequence

from renga.cart.offers import OfferCache
from renga.cart.ports import Recovery, Snapshot, Snapshots
from renga.kernel.events import Event
from renga.platform.bus.port import Bus, Consumer

#: News whose snapshots are taken together: the more, the fewer the writes; the longer, the more a lost store loses.
SNAPSHOT_BATCH_MAX, SNAPSHOT_WAIT_MS = 500, 200


def snapshot_consumer(recovery: Recovery, snapshots: Snapshots) -> Consumer:
    """Asks the store for each cart that news came of, and keeps what it says. News may come twice, late or in any order."""

    async def keep(events: Sequence[Event]) -> None:
        await take_snapshots(recovery, snapshots, list(dict.fromkeys(event.subject for event in events)))

    return Consumer(
        name="cart.snapshots",
        patterns=("cart.*",),
        handler=keep,
        batch_max=SNAPSHOT_BATCH_MAX,
        batch_wait_ms=SNAPSHOT_WAIT_MS,
    )


async def take_snapshots(recovery: Recovery, snapshots: Snapshots, cart_ids: Sequence[str]) -> None:
    """Keep the carts as the store has them now; a cart that the store does not have is left as it was last seen."""
    dumped = await recovery.dump(cart_ids)
    taken = [_snapshot(cart_id, fields) for cart_id, fields in dumped.items()]
    if taken:
        await snapshots.save(taken)


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
    async for event in bus.tail(("catalog.ProductUpdated", "catalog.PriceChanged")):
        skus = event.data.get("skus") or [event.data.get("sku")]
        offers.drop(str(sku) for sku in skus)
