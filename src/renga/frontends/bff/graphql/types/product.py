"""A product with its variants."""

from typing import Annotated, Any

import strawberry

from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.fields import own, public
from renga.frontends.bff.graphql.sources import ListPage, OfCategory, OfProduct, OfVariant
from renga.frontends.bff.graphql.texts import language_of, say
from renga.frontends.bff.graphql.types.attribute import Attribute, attributes
from renga.frontends.bff.graphql.types.availability import Availability, best_of
from renga.frontends.bff.graphql.types.media import GraphMedia, OfMedia, sized
from renga.frontends.bff.graphql.types.money import GraphPrice, price_in
from renga.frontends.bff.graphql.types.paging import PageInfo, check_first, edge_cursor, edges, page_info
from renga.frontends.bff.graphql.types.scalars import Moment
from renga.frontends.bff.graphql.types.seo import GraphSeo, OfSeo
from renga.frontends.bff.graphql.types.variant import GraphVariant

Info = strawberry.Info[Context, None]


def title(root: strawberry.Parent[OfProduct]) -> str:
    return say(root.product.title, root.asked.preferred) or root.product.slug


def language(root: strawberry.Parent[OfProduct]) -> str | None:
    return language_of(root.product.title, root.asked.preferred)


def description(root: strawberry.Parent[OfProduct]) -> str | None:
    return say(root.product.description, root.asked.preferred)


def image(root: strawberry.Parent[OfProduct], size: int | None = None) -> str | None:
    url = root.product.image
    return None if url is None else sized(url, size)


def media(root: strawberry.Parent[OfProduct]) -> Any:
    return [OfMedia(one, root.asked) for one in root.product.media]


def seo(root: strawberry.Parent[OfProduct]) -> Any:
    return OfSeo(root.product.seo, root.asked)


def availability(root: strawberry.Parent[OfProduct]) -> Availability:
    return best_of(root.product.variants)


def price(
    root: strawberry.Parent[OfProduct],
    info: Info,
    currency: str | None = None,
    channel: str | None = None,
    group: str | None = None,
    quantity: int = 1,
) -> Any:
    terms = info.context.terms(root.asked, root.product.merchant, currency, channel, group, quantity)
    product = root.product
    found = [one for variant in product.variants if (one := price_in(product, variant, terms))]
    return min(found, key=lambda one: one.price.amount, default=None)


def variants(root: strawberry.Parent[OfProduct]) -> Any:
    product, asked = root.product, root.asked
    return [OfVariant(product, variant, asked) for variant in product.variants]


def categories(root: strawberry.Parent[OfProduct], info: Info) -> Any:
    index = info.context.category_index()
    return [OfCategory(index[slug], root.asked) for slug in root.product.categories if slug in index]


def related(root: strawberry.Parent[OfProduct], first: int = 10) -> Any:
    check_first(first)
    return ListPage((), None, 0, None, False, "r")


#: By name, because categories and products refer to each other.
_Category = Annotated["GraphCategory", strawberry.lazy("renga.frontends.bff.graphql.types.category")]  # type: ignore[name-defined] # noqa: F821


@strawberry.type(name="Product", description="A product with its variants.")
class GraphProduct:
    id: strawberry.ID = public(own("product.id"), "Stable id.")
    slug: str = public(own("product.slug"), "Stable name for URLs.")
    version: int = public(own("product.version"), "Increases by one with each change.")
    title: str = public(title, "In the requested language, else the shop's default.")
    language: str | None = public(language, "The language of the title (BCP 47).")
    description: str | None = public(description, "In the requested language, else the shop's default.")
    brand: str | None = public(own("product.brand"), "The brand.")
    merchant: str = public(own("product.merchant"), "The id of the merchant that sells it.")
    type: str | None = public(own("product.type"), "The code of its product type.")
    tax_code: str | None = public(own("product.tax_code"), "Its code of a tax system, such as NCM.")
    image: str | None = public(image, "The URL of its first picture; see Media.url.")
    media: list[GraphMedia] = public(media, "Pictures, films and documents.", size=5)
    seo: GraphSeo = public(seo, "Title and description for search engines.")
    availability: Availability = public(availability, "The best availability of its variants.")
    price: GraphPrice | None = public(
        price, "The lowest price of its variants; null if none is sold in the currency.", by_terms=True
    )
    variants: list[GraphVariant] = public(variants, "The variants that can be bought.", size=5)
    attributes: list[Attribute] = public(
        attributes, "All attributes, or those with these codes.", needs=("types",), size=10
    )
    categories: list[_Category] = public(categories, "The categories of the product.", needs=("categories",), size=3)
    related: "ProductConnection" = public(related, "Recommended products. Always empty in this version.")
    created_at: Moment = public(own("product.created_at"), "When it was created.")
    updated_at: Moment = public(own("product.updated_at"), "When it was last changed.")


@strawberry.type(description="A product in a list.")
class ProductEdge:
    cursor: str = public(edge_cursor, "`after` of a page that starts after this entry.")
    node: GraphProduct = public(own("node"), "The product.")


@strawberry.type(description="A page of products.")
class ProductConnection:
    edges: list[ProductEdge] = public(edges, "The products with their cursors.")
    nodes: list[GraphProduct] = public(own("nodes"), "The products, without cursors.")
    page_info: PageInfo = public(page_info, "Whether there are more entries, and their cursors.")
