"""Pure: from an index's counts to facets: selection, order and labels."""

from collections.abc import Iterable, Mapping, Sequence

from renga.domains.catalog.contract import AttributeType, Category
from renga.domains.search.contract import BUCKETS_MAX, FACETS_MAX, Bucket, Facet, Filter, Range, SearchQuery
from renga.domains.search.model.document import TaxonomyTexts
from renga.domains.search.model.folding import text_for
from renga.domains.search.ports import IndexFindings, NumberSpan, ValueCounts

#: Facets that come first, in this order; then options, then attributes, both by number of products.
_FIRST = ("category", "brand", "price", "availability", "type", "merchant")
_OPTION, _ATTRIBUTE = "option.", "attribute."


def facets_of(found: IndexFindings, query: SearchQuery, taxonomy: TaxonomyTexts) -> tuple[Facet, ...]:
    """The facets with more than one choice, and those that were selected or requested."""
    if query.facets == ():
        return ()
    chosen = {one.facet: one for one in query.filters}
    spans = {one.facet: one for one in found.numbers}
    values = {one.facet: one for one in found.values if one.facet not in spans}
    cover = {facet: sum(n for _, n in one.counts) for facet, one in values.items()}
    cover |= {facet: one.count for facet, one in spans.items()}
    types = _attribute_types(taxonomy)
    shown: list[Facet] = []
    for name in _order(cover, query.facets):
        narrowed = chosen.get(name)
        facet = (
            _range(spans[name], query.language, types)
            if name in spans
            else _terms(values[name], narrowed, query, taxonomy, types)
        )
        if narrowed or query.facets is not None or _offers_a_choice(facet, found.total):
            shown.append(facet)
    return tuple(shown[:FACETS_MAX])


def _order(cover: Mapping[str, int], asked: Sequence[str] | None) -> list[str]:
    if asked is not None:
        return [name for name in asked if name in cover]
    rank = {name: place for place, name in enumerate(_FIRST)}

    def place(name: str) -> tuple[int, int, str]:
        kind = rank.get(name, len(rank) if name.startswith(_OPTION) else len(rank) + 1)
        return (kind, -cover[name], name)

    return sorted(cover, key=place)


def _offers_a_choice(facet: Facet, total: int) -> bool:
    """Is there a value that some of the results do not have?"""
    if facet.range is not None:
        return facet.range.least < facet.range.greatest
    return len(facet.buckets) > 1 and any(bucket.count < total for bucket in facet.buckets)


def _attribute_types(taxonomy: TaxonomyTexts) -> dict[str, AttributeType]:
    """By facet. If two product types have the same code, the first one's labels are used."""
    found: dict[str, AttributeType] = {}
    for product_type in taxonomy.types.values():
        for one in product_type.attributes:
            found.setdefault(f"{_OPTION if one.axis else _ATTRIBUTE}{one.code}", one)
    return found


def label_of(facet: str, language: str, types: Mapping[str, AttributeType]) -> str:
    known = types.get(facet)
    if known and known.title:
        return text_for(known.title, language)
    return facet.rpartition(".")[2] if "." not in facet else facet.partition(".")[2].replace("_", " ").strip()


def _range(span: NumberSpan, language: str, types: Mapping[str, AttributeType]) -> Facet:
    known = types.get(span.facet)
    return Facet(
        facet=span.facet,
        label=label_of(span.facet, language, types),
        kind="range",
        range=Range(least=span.least, greatest=span.greatest, parts=span.parts),
        unit=known.unit if known else None,
    )


def _terms(
    counted: ValueCounts,
    narrowed: Filter | None,
    query: SearchQuery,
    taxonomy: TaxonomyTexts,
    types: Mapping[str, AttributeType],
) -> Facet:
    selected = set(narrowed.values) if narrowed else set()
    counts: Iterable[tuple[str, int]] = counted.counts
    is_tree = counted.facet == "category"
    if is_tree:
        counts = _below(counted.counts, query.category, selected, taxonomy.categories)
    titles = _titles(counted.facet, query.language, taxonomy, types)
    buckets = [
        Bucket(value=value, label=titles.get(value) or value, count=count, selected=value in selected)
        for value, count in counts
    ]
    # selected values stay visible, even with a count of 0
    there = {bucket.value for bucket in buckets}
    buckets += [
        Bucket(value=value, label=titles.get(value) or value, count=0, selected=True)
        for value in sorted(selected - there)
    ]
    kept = [bucket for place, bucket in enumerate(buckets) if place < BUCKETS_MAX or bucket.selected]
    label = label_of(counted.facet, query.language, types)
    return Facet(facet=counted.facet, label=label, kind="tree" if is_tree else "terms", buckets=tuple(kept))


def _below(
    counts: Sequence[tuple[str, int]], parent: str | None, selected: set[str], categories: Mapping[str, Category]
) -> list[tuple[str, int]]:
    """The direct subcategories of the requested category (without one: the roots), and the selected ones."""
    return [
        (slug, count)
        for slug, count in counts
        if slug in selected or (slug in categories and categories[slug].parent == parent)
    ]


def _titles(facet: str, language: str, taxonomy: TaxonomyTexts, types: Mapping[str, AttributeType]) -> dict[str, str]:
    if facet == "category":
        return {slug: text_for(one.title, language) for slug, one in taxonomy.categories.items()}
    if facet == "type":
        return {code: text_for(one.title, language) for code, one in taxonomy.types.items()}
    known = types.get(facet)
    return {option.code: text_for(option.title, language) for option in known.options} if known else {}
