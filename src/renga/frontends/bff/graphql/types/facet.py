"""Ways to narrow what was found."""

from enum import Enum
from typing import Any

import msgspec
import strawberry

from renga.frontends.bff.graphql.fields import own, public
from renga.frontends.bff.graphql.sources import OfFacet


@strawberry.enum(description="What a facet offers.")
class FacetKind(Enum):
    TERMS = "terms"
    RANGE = "range"
    TREE = "tree"


class OfFacetPart(msgspec.Struct, frozen=True):
    at_least: float
    at_most: float
    count: int


def _kind(root: strawberry.Parent[OfFacet]) -> FacetKind:
    return FacetKind(root.facet.kind)


def _parts(root: strawberry.Parent[Any]) -> Any:
    return [OfFacetPart(*part) for part in root.parts]


@strawberry.type(name="FacetValue", description="One value of a facet, with how many products would be found with it.")
class GraphFacetValue:
    value: str = public(own("value"), "For a filter.")
    label: str = public(own("label"), "To show.")
    count: int = public(own("count"), "Products.")
    selected: bool = public(own("selected"), "Is it filtered by now?")


@strawberry.type(description="One bar of a histogram.")
class FacetPart:
    at_least: float = public(own("at_least"), "From.")
    at_most: float = public(own("at_most"), "To.")
    count: int = public(own("count"), "Products.")


@strawberry.type(description="The least and the greatest number among what is found.")
class FacetRange:
    least: float = public(own("least"), "The least; prices in minor units.")
    greatest: float = public(own("greatest"), "The greatest.")
    parts: list[FacetPart] = public(_parts, "A histogram of at most ten parts.", size=10)


@strawberry.type(name="Facet", description="A way to narrow. Counts are under all other filters but not its own.")
class GraphFacet:
    facet: str = public(own("facet.facet"), "For a filter: brand, category, price, attribute.colour.")
    label: str = public(own("facet.label"), "To show, in the language asked.")
    kind: FacetKind = public(_kind, "Whether it has values or a range.")
    values: list[GraphFacetValue] = public(own("facet.buckets"), "Its values, most products first.", size=20)
    range: FacetRange | None = public(own("facet.range"), "Its range, of numbers.")
    unit: str | None = public(own("facet.unit"), "Unit of the range.")
