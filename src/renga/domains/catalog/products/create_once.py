"""Use case: create one product under an idempotency key. The key needs no storage: the product's id is derived from it."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from renga.domains.catalog.access import Reach
from renga.domains.catalog.contract import Product, ProductChanged, ProductSlugTaken
from renga.domains.catalog.dependencies import CatalogDependencies
from renga.domains.catalog.model import Draft, same
from renga.domains.catalog.products.change_product import checked_row, types_of, write_one
from renga.domains.catalog.products.owning import owned
from renga.domains.catalog.rows.drafts import draft_of
from renga.kernel.ids import IdSource, uuid8
from renga.kernel.once import IdempotencyConflict


def id_of(subject: str, key: str) -> str:
    """The product id for this caller and key; the same at every call."""
    parts = (b"renga product", subject.encode(), key.encode())
    return uuid8(hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest())


async def create_once(
    dependencies: CatalogDependencies, row: Mapping[str, Any], reach: Reach, product_id: str
) -> tuple[Product, bool]:
    """The product, and whether an earlier call made it. Raises ProductSlugTaken, SkuTaken, RowInvalid, IdempotencyConflict."""
    draft = draft_of(await checked_row(dependencies, row, reach), await types_of(dependencies))
    if (made := await _made(dependencies, draft, reach, product_id)) is not None:
        return made, True
    ids = _Ids(product_id, dependencies.new_id)

    def build_draft(current: Product | None, _: str) -> Draft:
        if current is not None:
            raise ProductSlugTaken(f"a product has the slug {draft.slug!r} already", slug=draft.slug)
        ids.begin()
        return owned(draft, None, reach)

    try:
        return await write_one(msgspec.structs.replace(dependencies, new_id=ids), draft.slug, build_draft, reach), False
    except (ProductSlugTaken, ProductChanged):
        # a concurrent call with this key was faster
        if (made := await _made(dependencies, draft, reach, product_id)) is not None:
            return made, True
        raise


async def _made(dependencies: CatalogDependencies, draft: Draft, reach: Reach, product_id: str) -> Product | None:
    """The product made with this key, if any. Raises IdempotencyConflict if it differs from the draft, where still visible."""
    product = (await dependencies.products.by_id([product_id])).get(product_id)
    if product is None:
        return None
    if product.slug != draft.slug or (product.version == 1 and not same(product, owned(draft, None, reach))):
        raise IdempotencyConflict()
    return product


class _Ids:
    """An id source: the first id after ``begin`` is the product's, the others are new."""

    def __init__(self, first: str, others: IdSource) -> None:
        self._first, self._others = first, others
        self._fresh = False

    def begin(self) -> None:
        self._fresh = True

    def __call__(self) -> str:
        if self._fresh:
            self._fresh = False
            return self._first
        return self._others()
