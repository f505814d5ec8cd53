"""What may be meant by what was typed so far."""

from enum import Enum

import strawberry

from renga.domains.search.contract import Suggestion as Suggested
from renga.frontends.bff.graphql.fields import own, public


@strawberry.enum(description="Where a suggestion leads.")
class SuggestionKind(Enum):
    QUERY = "query"
    PRODUCT = "product"
    CATEGORY = "category"
    BRAND = "brand"


def _kind(root: strawberry.Parent[Suggested]) -> SuggestionKind:
    return SuggestionKind(root.kind)


@strawberry.type(name="Suggestion", description="What may be meant by what was typed so far.")
class GraphSuggestion:
    kind: SuggestionKind = public(_kind, "Where it leads.")
    text: str = public(own("text"), "What to show, and to search for.")
    slug: str | None = public(own("slug"), "Of a product or a category.")
    image: str | None = public(own("image"), "Address of a picture.")
