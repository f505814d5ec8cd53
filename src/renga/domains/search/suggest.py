"""Use case: suggestions for a partial text."""

from renga.domains.search.asking import check_language, check_name, checked_text
from renga.domains.search.contract import SUGGESTIONS_MAX, SearchInvalid, Suggestion
from renga.domains.search.model.folding import fold, text_for, words_of
from renga.domains.search.ports import SearchIndex
from renga.domains.search.taxonomy import TaxonomyReader

_CATEGORIES_MAX = 2


async def suggest(
    index: SearchIndex, taxonomy: TaxonomyReader, text: str, *, language: str, channel: str, limit: int
) -> tuple[Suggestion, ...]:
    """Words first, then categories, brands, products. Raises SearchInvalid."""
    if not 1 <= limit <= SUGGESTIONS_MAX:
        raise SearchInvalid(f"limit is from 1 to {SUGGESTIONS_MAX}", field="limit")
    check_language(language)
    check_name("channel", channel)
    text = checked_text(text)
    if not words_of(text):
        return ()
    found = await index.suggest(text, language=language, channel=channel, limit=limit)
    categories = [
        Suggestion(kind="category", text=title, slug=slug, image=one.image)
        for slug, one in (await taxonomy.taxonomy()).categories.items()
        for title in [text_for(one.title, language)]
        if _begins(title, text)
    ][:_CATEGORIES_MAX]
    words = [one for one in found if one.kind == "query"]
    rest = [one for one in found if one.kind != "query"]
    seen: dict[tuple[str, str], Suggestion] = {}
    for one in (*words, *categories, *rest):
        seen.setdefault((one.kind, fold(one.text)), one)
    return tuple(seen.values())[:limit]


def _begins(title: str, text: str) -> bool:
    """Does the title, from any of its words on, begin with the text?"""
    words, asked = words_of(title), " ".join(words_of(text))
    return any(" ".join(words[at:]).startswith(asked) for at in range(len(words)))
