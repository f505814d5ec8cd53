"""Pure: tokens of facet values, which every index stores with its documents."""

from renga.domains.search.model.document import Document

#: Between facet, language and value; indexed texts do not contain it.
_SEPARATOR = "\x1f"


def token(facet: str, value: str, language: str = "") -> str:
    return f"{facet}{_SEPARATOR}{language}{_SEPARATOR}{value}"


def parts_of(text: str) -> tuple[str, str, str]:
    """Facet, language, value."""
    facet, language, value = text.split(_SEPARATOR, 2)
    return facet, language, value


def tokens_of(document: Document) -> list[str]:
    """The tokens of all facet values of a document."""
    return [token(one.facet, one.value, one.language) for one in document.values]
