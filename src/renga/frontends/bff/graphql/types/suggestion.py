"""Suggestions while a text is typed."""

from enum import Enum

import strawberry

from renga.domains.search.contract import Suggestion as Suggested
from renga.frontends.bff.graphql.fields import own, public


@strawberry.enum(description="The kind of a suggestion.")
class SuggestionKind(Enum):
    QUERY = "query"
    PRODUCT = "product"
    CATEGORY = "category"
    BRAND = "brand"


def _kind(root: strawberry.Parent[Suggested]) -> SuggestionKind:
    return SuggestionKind(root.kind)


@strawberry.type(name="Suggestion", description="A suggestion for a text typed so far.")
class GraphSuggestion:
    kind: SuggestionKind = public(_kind, "The kind of the suggestion.")
    text: str = public(own("text"), "The text to show and to search for.")
    slug: str | None = public(own("slug"), "The slug of the product or category.")
    image: str | None = public(own("image"), "The URL of a picture.")
