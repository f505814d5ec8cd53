"""Use case: keep what the store says of some carts, so that they can be brought back."""

from collections.abc import Mapping, Sequence

from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.erase_customer import erase_if_recorded
from renga.domains.cart.ports import Snapshot


async def take_snapshots(
    dependencies: CartDependencies, cart_ids: Sequence[str], merged: Mapping[str, str] | None = None
) -> None:
    """Keep the carts as the store has them now; a cart that the store does not have is left as it was last seen.

    ``merged`` says which carts the news called merged, and into which others. A source's own news is later:
    one that still waits for its tombstone is kept as gone, else a loss of the store would bring it back to life. An owner who is
    to be forgotten leaves the cart and its snapshot, also when the news of the cart is older than that of her.
    """
    dumped = await dependencies.recovery.dump(cart_ids)
    for cart_id, target in (merged or {}).items():
        if dumped.get(cart_id, {}).get("state") == "merging" and dumped[cart_id]["into"] == target:
            dumped[cart_id] = _gone(dumped[cart_id])
    taken = [_snapshot(cart_id, fields) for cart_id, fields in dumped.items()]
    if taken:
        await dependencies.snapshots.save(taken)
        await erase_if_recorded(
            dependencies, [(one.cart_id, one.fields["owner"]) for one in taken if "owner" in one.fields]
        )


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
