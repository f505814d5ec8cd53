"""A variant: the SKU that is bought."""

from typing import Annotated, Any

import msgspec
import strawberry

from renga.domains.catalog.contract import BundlePart as Part
from renga.domains.catalog.contract import Product as CatalogProduct
from renga.domains.catalog.contract import sold_in
from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.fields import own, public
from renga.frontends.bff.graphql.sources import OfProduct, OfVariant, ReaderTerms
from renga.frontends.bff.graphql.texts import say
from renga.frontends.bff.graphql.types.availability import Availability
from renga.frontends.bff.graphql.types.media import sized
from renga.frontends.bff.graphql.types.money import GraphPrice, price_in

Info = strawberry.Info[Context, None]


class OfOption(msgspec.Struct, frozen=True):
    code: str
    value: str


class OfBundlePart(msgspec.Struct, frozen=True):
    part: Part
    asked: ReaderTerms


def options(root: strawberry.Parent[OfVariant]) -> Any:
    return [OfOption(code, say(texts, root.asked.preferred) or "") for code, texts in root.variant.options.items()]


def price(
    root: strawberry.Parent[OfVariant],
    info: Info,
    currency: str | None = None,
    channel: str | None = None,
    group: str | None = None,
    quantity: int = 1,
) -> Any:
    terms = info.context.terms(root.asked, root.product.merchant, currency, channel, group, quantity)
    return price_in(root.product, root.variant, terms)


def image(root: strawberry.Parent[OfVariant], size: int | None = None) -> str | None:
    url = root.variant.image or root.product.image
    return None if url is None else sized(url, size)


_AVAILABILITY = {one.value: one for one in Availability}


def availability(root: strawberry.Parent[OfVariant]) -> Availability:
    return _AVAILABILITY[root.variant.availability]


def product(root: strawberry.Parent[OfVariant]) -> Any:
    return OfProduct(root.product, root.asked)


def bundle(root: strawberry.Parent[OfVariant]) -> Any:
    return [OfBundlePart(part, root.asked) for part in root.variant.bundle]


async def sold_variant(context: Context, sku: str, asked: ReaderTerms) -> OfVariant | None:
    """The variant with this SKU if it is sold in the channel; loads are batched."""
    found: CatalogProduct | None = await context.by_sku.load(sku)
    if found is None or not sold_in(found, asked.channel):
        return None
    context.tags.add(f"product:{found.id}")
    return next((OfVariant(found, one, asked) for one in found.variants if one.sku == sku), None)


async def part_variant(root: strawberry.Parent[OfBundlePart], info: Info) -> Any:
    return await sold_variant(info.context, root.part.sku, root.asked)


@strawberry.type(description="An option that distinguishes the variants of a product.")
class Option:
    code: str = public(own("code"), "Stable name: colour.")
    value: str = public(own("value"), "In the requested language: blue.")


@strawberry.type(name="Measure", description="What one piece contains.")
class GraphMeasure:
    amount: float = public(own("amount"), "How much, in the unit.")
    unit: str = public(own("unit"), "One of g, kg, ml, l, m, m2 and piece.")


#: By name, because products and variants refer to each other.
_Product = Annotated["GraphProduct", strawberry.lazy("renga.frontends.bff.graphql.types.product")]  # type: ignore[name-defined] # noqa: F821


@strawberry.type(name="Variant", description="A variant: the SKU that is bought.")
class GraphVariant:
    sku: strawberry.ID = public(own("variant.sku"), "Stock keeping unit, unique in the shop.")
    gtin: str | None = public(own("variant.gtin"), "Global trade item number.")
    options: list[Option] = public(options, "Its values of the product's options.", size=3)
    price: GraphPrice | None = public(
        price, "The price under the requested terms; null if it is not sold in the currency.", by_terms=True
    )
    availability: Availability = public(availability, "Its availability.")
    image: str | None = public(image, "The URL of its picture, or the product's; see Media.url.")
    weight_g: int | None = public(own("variant.weight_g"), "Weight in grams.")
    digital: bool = public(own("variant.digital"), "True if nothing is shipped.")
    measure: GraphMeasure | None = public(
        own("variant.measure"), "What one piece contains, for the price per kg, l, m …"
    )
    bundle: "list[GraphBundlePart]" = public(bundle, "The parts of a bundle.", size=5)
    product: _Product = public(product, "Its product.")


@strawberry.type(name="BundlePart", description="A part of a bundle: a quantity of another SKU.")
class GraphBundlePart:
    sku: strawberry.ID = public(own("part.sku"), "The part's SKU.")
    quantity: int = public(own("part.quantity"), "The quantity in one bundle.")
    variant: GraphVariant | None = public(part_variant, "The part's variant; null while it is not sold.")
