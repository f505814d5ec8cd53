"""Pure: which cached answers a fact of the catalogue makes untrue, as tags. Whoever caches what the catalogue says uses these."""

from renga.kernel.events import Event

#: Anything that lists products.
PRODUCTS = "products"
#: Anything that lists the products of a collection: a rule gathers them a moment after the news of them.
MEMBERS = "members"
CATEGORIES, COLLECTIONS, TYPES = "categories", "collections", "types"
#: Routing keys of all facts that make answers untrue.
FACTS = ("catalog.#",)


def product_tag(product_id: str) -> str:
    return f"product:{product_id}"


def slug_tag(slug: str) -> str:
    """Of the answer that there is no product with this slug."""
    return f"slug:{slug}"


def tags_of(event: Event) -> frozenset[str]:
    """The tags of answers that this fact makes untrue."""
    if event.name.startswith("Product") and "product_id" in event.data:
        return frozenset(
            (product_tag(str(event.data["product_id"])), PRODUCTS, slug_tag(str(event.data.get("slug", ""))))
        )
    if event.name == "PriceChanged":
        return frozenset((product_tag(str(event.data["product_id"])), PRODUCTS))
    if event.name == "CategoryChanged":
        return frozenset((CATEGORIES, PRODUCTS))
    if event.name == "CollectionChanged":
        return frozenset((COLLECTIONS, PRODUCTS))
    if event.name == "ProductTypeChanged":
        return frozenset((TYPES, PRODUCTS))
    return frozenset()
