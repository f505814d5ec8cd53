"""Use case: upsert products from drafts; unchanged products are not written."""

from collections.abc import Sequence

import msgspec

from renga.domains.catalog.contract import SkuTaken
from renga.domains.catalog.model import Draft, ProductWrite, decide
from renga.domains.catalog.model.limits import WRITE_ATTEMPTS_MAX
from renga.domains.catalog.ports import ImportMark, ProductStore, StaleWrite
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.ids import IdSource


class Upserted(msgspec.Struct, frozen=True, kw_only=True):
    """How many products were created, changed and unchanged."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Upserted") -> "Upserted":
        return Upserted(
            created=self.created + other.created,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
        )


async def upsert_products(
    store: ProductStore, drafts: Sequence[Draft], *, clock: Clock, new_id: IdSource, mark: ImportMark | None = None
) -> Upserted:
    """Drafts have distinct slugs and skus. Raises SkuTaken, or StaleWrite after WRITE_ATTEMPTS_MAX conflicts."""
    for attempt in range(1, WRITE_ATTEMPTS_MAX + 1):
        current = await store.by_slug([draft.slug for draft in drafts])
        at = rfc3339(clock.now_ms())
        decided = [decide(current.get(draft.slug), draft, at=at, new_id=new_id) for draft in drafts]
        changes = [change for change in decided if change is not None]
        try:
            if changes or mark is not None:
                await store.write(changes, mark)
        except StaleWrite:
            await check_owners(store, drafts)
            if attempt == WRITE_ATTEMPTS_MAX:
                raise
        else:
            return _count(changes, len(drafts))
    raise AssertionError("unreachable: the last attempt returns or raises")


async def check_owners(store: ProductStore, drafts: Sequence[Draft]) -> None:
    """Raises SkuTaken if a draft has a sku of a product with another slug."""
    wanted = {variant.sku: draft.slug for draft in drafts for variant in draft.variants}
    owners = await store.owners(list(wanted))
    taken = {sku: (wanted[sku], owner) for sku, owner in owners.items() if wanted[sku] != owner}
    if taken:
        raise SkuTaken(taken)


def _count(changes: Sequence[ProductWrite], drafts: int) -> Upserted:
    created = sum(change.is_new for change in changes)
    return Upserted(created=created, changed=len(changes) - created, unchanged=drafts - len(changes))
