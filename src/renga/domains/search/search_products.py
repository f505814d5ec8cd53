"""Use case: find products. Validates the query, searches the index, labels the facets."""

import msgspec

from renga.domains.search.asking import checked, variants
from renga.domains.search.contract import Facet, Hit, SearchPage, SearchQuery
from renga.domains.search.facets import facets_of
from renga.domains.search.limits import FEW
from renga.domains.search.ports import IndexFindings, IndexQuestion, SearchIndex
from renga.domains.search.steering import Steering
from renga.domains.search.taxonomy import TaxonomyReader
from renga.domains.search.zero_results import ZeroResultLog


async def search_products(
    index: SearchIndex, taxonomy: TaxonomyReader, steering: Steering, zero_results: ZeroResultLog, query: SearchQuery
) -> SearchPage:
    """Raises SearchInvalid, SearchCursorInvalid, SearchUnavailable."""
    query = checked(query)
    question = await _question(taxonomy, steering, query)
    found = await index.search(question)
    corrected = meant = None
    if query.text and query.cursor is None and (found.loose or found.total < FEW):
        better = await index.correct(query.text, language=query.language)
        if better is not None and found.total == 0:
            again = await index.search(
                msgspec.structs.replace(question, texts=_texts(steering, better, query.language))
            )
            if again.total:
                found, corrected = again, better
        elif better is not None:
            meant = better
    if query.text and not found.total and not query.filters:
        zero_results.note(query.language, query.text)
    return _page(found, question, await _facets(taxonomy, found, query), corrected, meant)


async def _question(taxonomy: TaxonomyReader, steering: Steering, query: SearchQuery) -> IndexQuestion:
    ruling = steering.ruling(query.text, query.language) if query.text else None
    within = None if query.collection is None else await taxonomy.members(query.collection, query.channel)
    return IndexQuestion(
        query=query,
        texts=_texts(steering, query.text, query.language) if query.text else (),
        pinned=ruling.pinned if ruling else (),
        hidden=ruling.hidden if ruling else (),
        within=within,
    )


def _texts(steering: Steering, text: str, language: str) -> tuple[str, ...]:
    return variants(text, steering.synonyms_of(language), language)


async def _facets(taxonomy: TaxonomyReader, found: IndexFindings, query: SearchQuery) -> tuple[Facet, ...]:
    return facets_of(found, query, await taxonomy.taxonomy()) if query.facets != () else ()


def _page(
    found: IndexFindings, question: IndexQuestion, facets: tuple[Facet, ...], corrected: str | None, meant: str | None
) -> SearchPage:
    pinned = set(question.pinned)
    hits = tuple(
        Hit(
            product_id=hit.product_id,
            slug=hit.slug,
            sku=hit.sku,
            score=hit.score,
            pinned=hit.product_id in pinned,
        )
        for hit in found.hits
    )
    return SearchPage(
        hits=hits,
        total=found.total,
        facets=facets,
        next=found.next,
        corrected=corrected,
        did_you_mean=meant,
    )
