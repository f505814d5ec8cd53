"""A shelf of the shop in its tree."""

from typing import Annotated, Any

import strawberry

from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.fields import own, public
from renga.frontends.bff.graphql.sources import OfCategory
from renga.frontends.bff.graphql.texts import say
from renga.frontends.bff.graphql.types.listing import list_products
from renga.frontends.bff.graphql.types.media import sized
from renga.frontends.bff.graphql.types.paging import FIRST_DEFAULT
from renga.frontends.bff.graphql.types.product import ProductConnection
from renga.frontends.bff.graphql.types.seo import GraphSeo, OfSeo

Info = strawberry.Info[Context, None]
#: Deeper than any tree of shelves; bounds the way up in a catalogue that is not in order.
ANCESTORS_MAX = 50


def title(root: strawberry.Parent[OfCategory]) -> str:
    return say(root.category.title, root.asked.preferred) or root.category.slug


def description(root: strawberry.Parent[OfCategory]) -> str | None:
    return say(root.category.description, root.asked.preferred)


def image(root: strawberry.Parent[OfCategory], size: int | None = None) -> str | None:
    url = root.category.image
    return None if url is None else sized(url, size)


def seo(root: strawberry.Parent[OfCategory]) -> Any:
    return OfSeo(root.category.seo, root.asked)


def parent(root: strawberry.Parent[OfCategory], info: Info) -> Any:
    found = info.context.category_index().get(root.category.parent or "")
    return None if found is None else OfCategory(found, root.asked)


def children(root: strawberry.Parent[OfCategory], info: Info) -> Any:
    slug = root.category.slug
    return [OfCategory(one, root.asked) for one in info.context.categories() if one.parent == slug]


def ancestors(root: strawberry.Parent[OfCategory], info: Info) -> Any:
    index = info.context.category_index()
    way: list[OfCategory] = []
    above = index.get(root.category.parent or "")
    while above is not None and len(way) < ANCESTORS_MAX:
        way.append(OfCategory(above, root.asked))
        above = index.get(above.parent or "")
    return way[::-1]


async def products(
    root: strawberry.Parent[OfCategory], info: Info, first: int = FIRST_DEFAULT, after: str | None = None
) -> Any:
    return await list_products(info.context, root.asked, first=first, after=after, category=root.category.slug)


_TREE = ("categories",)
_Self = Annotated["GraphCategory", strawberry.lazy("renga.frontends.bff.graphql.types.category")]


@strawberry.type(name="Category", description="A shelf of the shop.")
class GraphCategory:
    slug: str = public(own("category.slug"), "Stable name in addresses.")
    title: str = public(title, "In the language asked, else the shop's.")
    description: str | None = public(description, "In the language asked, else the shop's.")
    position: int = public(own("category.position"), "Orders siblings.")
    image: str | None = public(image, "Address of its picture; see Media.url.")
    seo: GraphSeo = public(seo, "What search engines are told.")
    parent: _Self | None = public(parent, "The shelf above it.", needs=_TREE)
    children: list[_Self] = public(children, "The shelves right below it, by position.", needs=_TREE, size=10)
    ancestors: list[_Self] = public(ancestors, "The shelves above it, the root first.", needs=_TREE, size=4)
    products: ProductConnection = public(products, "Products on it and on the shelves below, newest first.")
