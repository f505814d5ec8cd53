"""Facets of a search result."""

from enum import Enum
from typing import Any

import msgspec
import strawberry

from renga.frontends.bff.graphql.fields import own, public
from renga.frontends.bff.graphql.sources import OfFacet


@strawberry.enum(description="The kind of a facet.")
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


@strawberry.type(name="FacetValue", description="A value of a facet, with the number of products that it matches.")
class GraphFacetValue:
    value: str = public(own("value"), "The value to use in a filter.")
    label: str = public(own("label"), "The label to show.")
    count: int = public(own("count"), "The number of products.")
    selected: bool = public(own("selected"), "Is it a filter of this search?")


@strawberry.type(description="One bucket of a histogram.")
class FacetPart:
    at_least: float = public(own("at_least"), "The lower bound.")
    at_most: float = public(own("at_most"), "The upper bound.")
    count: int = public(own("count"), "The number of products.")


@strawberry.type(description="The minimum and maximum of the numbers in the result.")
class FacetRange:
    least: float = public(own("least"), "The minimum; prices in minor units.")
    greatest: float = public(own("greatest"), "The maximum; prices in minor units.")
    parts: list[FacetPart] = public(_parts, "A histogram of at most ten buckets.", size=10)


@strawberry.type(name="Facet", description="A facet. Its counts apply all filters except its own.")
class GraphFacet:
    facet: str = public(own("facet.facet"), "The name for filters: brand, category, price, attribute.colour.")
    label: str = public(own("facet.label"), "The label, in the requested language.")
    kind: FacetKind = public(_kind, "Whether the facet has values or a range.")
    values: list[GraphFacetValue] = public(own("facet.buckets"), "The values, most products first.", size=20)
    range: FacetRange | None = public(own("facet.range"), "The range of numbers.")
    unit: str | None = public(own("facet.unit"), "The unit of the range.")
