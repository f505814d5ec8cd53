"""A collection of products, picked by hand or by a rule."""

from typing import Any

import strawberry

from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.fields import own, public
from renga.frontends.bff.graphql.sources import OfCollection
from renga.frontends.bff.graphql.texts import say
from renga.frontends.bff.graphql.types.listing import list_products
from renga.frontends.bff.graphql.types.media import sized
from renga.frontends.bff.graphql.types.paging import FIRST_DEFAULT
from renga.frontends.bff.graphql.types.product import ProductConnection
from renga.frontends.bff.graphql.types.seo import GraphSeo, OfSeo

Info = strawberry.Info[Context, None]


def title(root: strawberry.Parent[OfCollection]) -> str:
    return say(root.collection.title, root.asked.preferred) or root.collection.slug


def description(root: strawberry.Parent[OfCollection]) -> str | None:
    return say(root.collection.description, root.asked.preferred)


def image(root: strawberry.Parent[OfCollection], size: int | None = None) -> str | None:
    url = root.collection.image
    return None if url is None else sized(url, size)


def seo(root: strawberry.Parent[OfCollection]) -> Any:
    return OfSeo(root.collection.seo, root.asked)


async def products(
    root: strawberry.Parent[OfCollection], info: Info, first: int = FIRST_DEFAULT, after: str | None = None
) -> Any:
    return await list_products(info.context, root.asked, first=first, after=after, collection=root.collection.slug)


@strawberry.type(name="Collection", description="A collection of products, picked by hand or by a rule.")
class GraphCollection:
    slug: str = public(own("collection.slug"), "Stable name for URLs.")
    title: str = public(title, "In the requested language, else the shop's default.")
    description: str | None = public(description, "In the requested language, else the shop's default.")
    image: str | None = public(image, "The URL of its picture; see Media.url.")
    seo: GraphSeo = public(seo, "Title and description for search engines.")
    products: ProductConnection = public(products, "Its products; a hand-picked collection in its own order.")
