"""Pure: tokens that stand for values of facets; every index keeps them with its documents."""

from renga.domains.search.model.document import Document

#: Between facet, language and value; no text that is kept has it.
_SEPARATOR = "\x1f"


def token(facet: str, value: str, language: str = "") -> str:
    return f"{facet}{_SEPARATOR}{language}{_SEPARATOR}{value}"


def parts_of(text: str) -> tuple[str, str, str]:
    """Facet, language, value."""
    facet, language, value = text.split(_SEPARATOR, 2)
    return facet, language, value


def tokens_of(document: Document) -> list[str]:
    """All that a document can be narrowed by."""
    return [token(one.facet, one.value, one.language) for one in document.values]
