"""Pure: a query as the body of a search request: scope, filters, words, order."""

from collections.abc import Sequence
from typing import Any

from renga.domains.search.contract import Filter
from renga.domains.search.model.document import EVERYWHERE
from renga.domains.search.model.folding import key_of, primary
from renga.domains.search.model.tokens import token
from renga.domains.search.ports import IndexQuestion
from renga.domains.search.stores.opensearch import matching
from renga.domains.search.stores.opensearch.mapping import LANGUAGES, OTHER

Clause = dict[str, Any]

KEY, WHOLE_TITLE, WHOLE_BRAND = 10_000.0, 60.0, 30.0
#: Bonus of the most popular product, and the factor for sold-out ones.
POPULAR, SOLD_OUT = 0.35, 0.6
#: The best matches of the words that are rescored by popularity and availability.
WEIGHED_MAX = 400
PRICE = "price"
#: Sort value for "no price", at the end; exact as a JSON number in a cursor.
DEAR = (1 << 53) - 1


def scope(question: IndexQuestion) -> list[Clause]:
    """The scope: sold in the channel, in the category and collection, not hidden."""
    query = question.query
    clauses: list[Clause] = [{"term": {"gone": False}}, {"terms": {"channels": [EVERYWHERE, query.channel]}}]
    if query.category is not None:
        clauses.append({"term": {"tokens": token("category", query.category)}})
    if question.within is not None:
        clauses.append({"terms": {"slug": list(question.within)}})
    if question.hidden:
        clauses.append({"bool": {"must_not": [{"terms": {"product_id": list(question.hidden)}}]}})
    return clauses


def condition(one: Filter, question: IndexQuestion) -> Clause:
    """The clause of one filter."""
    if one.values:
        languages = ("", primary(question.query.language))
        return {"terms": {"tokens": [token(one.facet, value, tag) for value in one.values for tag in languages]}}
    ends = {"gte": one.at_least, "lte": one.at_most}
    bounds = {name: bound for name, bound in ends.items() if bound is not None}
    if one.facet == PRICE:
        return {"range": {f"prices.{question.query.currency}": bounds}}
    inside = [{"term": {"numbers.facet": one.facet}}, {"range": {"numbers.number": bounds}}]
    return {"nested": {"path": "numbers", "query": {"bool": {"filter": inside}}}}


def words(question: IndexQuestion, attempt: int) -> Clause | None:
    """The clause of the words with its scores; None without words. Three attempts, each looser."""
    if not question.texts:
        return None
    language, text = matching.language_of(question.query.language), question.texts[0]
    if not matching.words_of(text):
        return {"match_none": {}}
    found = (
        matching.whole(question.texts, language)
        if attempt == 0
        else matching.near(text, language)
        if attempt == 1
        else matching.some(question.texts, language)
    )
    key = key_of(text)
    exact = [
        {"constant_score": {"filter": {"term": {"keys": key}}, "boost": KEY}},
        {"constant_score": {"filter": {"term": {"keys": f"title:{key}"}}, "boost": WHOLE_TITLE}},
    ]
    branded = {"constant_score": {"filter": {"term": {"brand_key": key}}, "boost": WHOLE_BRAND}}
    wanted = {"bool": {"should": [found, exact[0]], "minimum_should_match": 1}}
    return {"bool": {"must": [wanted], "should": [exact[1], branded]}}


def strong(question: IndexQuestion) -> Clause | None:
    """Matches with every word in title or words, or as a key; None for a single word, which is never scattered."""
    if not question.texts or len(matching.words_of(question.texts[0])) < 2:
        return None
    language = matching.language_of(question.query.language)
    key = {"term": {"keys": key_of(question.texts[0])}}
    return {"bool": {"should": [matching.strong(question.texts, language), key], "minimum_should_match": 1}}


def body(question: IndexQuestion, attempt: int, filters: Sequence[Clause]) -> dict[str, Any]:
    """The query part of a search."""
    clause = words(question, attempt)
    inner: Clause = {"filter": [*scope(question), *filters]}
    if clause is not None:
        inner["must"] = [clause]
    if question.pinned:
        inner["must_not"] = [{"terms": {"product_id": list(question.pinned)}}]
    return {"bool": inner}


def is_ranked(question: IndexQuestion) -> bool:
    """Whether hits are ordered by the words' score."""
    return bool(question.texts) and question.query.sort == "relevance"


def second_look(question: IndexQuestion, attempt: int) -> list[Clause]:
    """Rescoring of the best hits only, because it is expensive: adjacent words; popularity and availability."""
    popular = {"source": f"1.0 + {POPULAR} * doc['popularity'].value", "lang": "painless"}
    standing = {
        "query": {"match_all": {}},
        "functions": [
            {"filter": {"term": {"available": False}}, "weight": SOLD_OUT},
            {"script_score": {"script": popular}},
        ],
        "score_mode": "multiply",
        "boost_mode": "replace",
    }
    looks = [_look({"function_score": standing}, "multiply")]
    words = matching.words_of(question.texts[0])
    if attempt < matching.SOME and len(words) > 1:
        language = matching.language_of(question.query.language)
        looks.insert(0, _look(matching.phrase(question.texts[0], language), "total"))
    return looks


def _look(query: Clause, mode: str) -> Clause:
    return {"window_size": WEIGHED_MAX, "query": {"rescore_query": query, "score_mode": mode}}


def sort(question: IndexQuestion) -> list[Clause]:
    """The order of hits that are not ranked."""
    query = question.query
    last: Clause = {"product_id": "asc"}
    if query.sort in ("price_asc", "price_desc"):
        order, missing = ("asc", DEAR) if query.sort == "price_asc" else ("desc", -1)
        return [{f"prices.{query.currency}": {"order": order, "missing": missing, "unmapped_type": "long"}}, last]
    if query.sort == "newest":
        return [{"created_at": "desc"}, last]
    if query.sort == "title":
        asked = primary(query.language)
        tag = asked if asked in LANGUAGES else OTHER
        others = [one for one in (*LANGUAGES, OTHER) if one != tag]
        script = " ".join(
            f"if (doc['sort_{one}'].size() > 0) return doc['sort_{one}'].value;" for one in (tag, *others)
        )
        source = {"source": f"{script} return doc['slug'].value;", "lang": "painless"}
        return [{"_script": {"type": "string", "order": "asc", "script": source}}, last]
    return [{"standing": "desc"}, {"created_at": "desc"}, last]
