"""Use case: save snapshots of some carts, so that they can be restored."""

from collections.abc import Mapping, Sequence

from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.erase_customer import erase_if_recorded
from renga.domains.cart.ports import Snapshot


async def take_snapshots(
    dependencies: CartDependencies, cart_ids: Sequence[str], merged: Mapping[str, str] | None = None
) -> None:
    """Save the carts' current state in the store; of a cart that the store has lost the last snapshot stays.

    ``merged`` maps the sources of CartMerged events to their targets. A source that still waits for its tombstone is saved
    as a tombstone: else a loss of the store would restore it. Erased owners are removed from the cart and its snapshot, also
    if the cart's event was sent before the erasure.
    """
    dumped = await dependencies.recovery.dump(cart_ids)
    for cart_id, target in (merged or {}).items():
        if dumped.get(cart_id, {}).get("state") == "merging" and dumped[cart_id]["into"] == target:
            dumped[cart_id] = _tombstone(dumped[cart_id])
    taken = [_snapshot(cart_id, fields) for cart_id, fields in dumped.items()]
    if taken:
        await dependencies.snapshots.save(taken)
        await erase_if_recorded(
            dependencies, [(one.cart_id, one.fields["owner"]) for one in taken if "owner" in one.fields]
        )


def _tombstone(fields: dict[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {name: fields[name] for name in ("into", "owner", "expires", "restores") if name in fields}
    # merges into this cart whose sources wait for their tombstones, and orders that were subtracted from it
    kept |= {field: value for field, value in fields.items() if field.startswith("g:") and " " not in value}
    kept |= {field: value for field, value in fields.items() if field.startswith("o:")}
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
