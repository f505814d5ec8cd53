"""A category of the category tree."""

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
#: Deeper than any category tree; bounds the walk up in an inconsistent catalogue.
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


@strawberry.type(name="Category", description="A category of the shop.")
class GraphCategory:
    slug: str = public(own("category.slug"), "Stable name for URLs.")
    title: str = public(title, "In the requested language, else the shop's default.")
    description: str | None = public(description, "In the requested language, else the shop's default.")
    position: int = public(own("category.position"), "The order among siblings.")
    image: str | None = public(image, "The URL of its picture; see Media.url.")
    seo: GraphSeo = public(seo, "Title and description for search engines.")
    parent: _Self | None = public(parent, "The parent category.", needs=_TREE)
    children: list[_Self] = public(children, "The child categories, by position.", needs=_TREE, size=10)
    ancestors: list[_Self] = public(ancestors, "The ancestors, root first.", needs=_TREE, size=4)
    products: ProductConnection = public(products, "Products in it and in its descendants, newest first.")
