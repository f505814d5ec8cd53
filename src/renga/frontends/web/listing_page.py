"""Template context shared by listings (category, search)."""

from typing import Any

import msgspec
from litestar import Request

from renga.frontends.web.facets_view import chosen_view, facets_view
from renga.frontends.web.listing import Listing
from renga.frontends.web.page import Page
from renga.frontends.web.question import SORTS, ListingQuestion, address, fields_of, read_question
from renga.frontends.web.views import card_of


def asked(request: Request[Any, Any, Any], page: Page) -> ListingQuestion:
    """The listing query in this request's URL."""
    return read_question(request.query_params.multi_items(), page.currency)


def listing_context(page: Page, path: str, question: ListingQuestion, listing: Listing) -> dict[str, Any]:
    currency, t = page.currency, page.t
    first = msgspec.structs.replace(question, cursor=None)
    following = msgspec.structs.replace(question, cursor=listing.next)
    bare = ListingQuestion(text=question.text, sort=question.sort)
    language, skus, terms = page.visitor.language, listing.skus, page.terms
    cards = [card_of(product, language, terms, skus.get(product.slug)) for product in listing.products]
    return {
        "results": {
            "cards": cards,
            "total": listing.total,
            "facets": facets_view(listing.facets, first, path, currency, t),
            "chosen": chosen_view(listing.facets, first, path, currency, t),
            "bare": address(path, bare, currency),
            "sorts": SORTS,
            "sort": question.sort,
            "text": question.text,
            "action": path,
            "first": address(path, first, currency) if question.cursor else None,
            "next": address(path, following, currency) if listing.next else None,
            "degraded": listing.degraded,
            "kept": [pair for pair in fields_of(first, currency) if pair[0] not in ("q", "sort")],
        }
    }
