"""Shared by all export formats: terms (shop URL, language, currency), and the interface of a format."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Protocol

import msgspec

from renga.domains.catalog.contract import DEFAULT_CHANNEL, Category, Product, Texts
from renga.kernel.languages import text_in
from renga.kernel.money import exponent

#: Levels of the category tree that are followed upwards.
DEPTH_MAX = 20


class FeedTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Texts are in ``language`` (else the next best), prices in ``currency`` as of ``at``, URLs below ``shop_url``;
    ``categories`` by slug."""

    shop_url: str
    language: str
    currency: str
    at: str
    channel: str = DEFAULT_CHANNEL
    categories: Mapping[str, Category] = {}

    def text(self, texts: Texts) -> str:
        """The text in ``language``, else the next best one, else empty."""
        return text_in(texts, (self.language.lower(),)) or ""

    def address(self, path: str) -> str:
        """An absolute URL of a path of the shop."""
        return path if path.startswith(("http://", "https://")) else f"{self.shop_url.rstrip('/')}/{path.lstrip('/')}"

    def decimal(self, amount: int) -> str:
        """``4490`` → ``44.90``, with as many digits as the currency has."""
        digits = exponent(self.currency)
        return f"{Decimal(amount).scaleb(-digits):.{digits}f}"

    def path_of(self, slug: str) -> list[str]:
        """The titles of a category and its ancestors, from the root."""
        titles: list[str] = []
        current: str | None = slug
        while current is not None and len(titles) < DEPTH_MAX:
            category = self.categories.get(current)
            titles.insert(0, self.text(category.title) if category else current)
            current = category.parent if category else None
        return titles


class Feed(Protocol):
    """One format. ``rows`` may be empty for a product that the format cannot contain."""

    media_type: str
    suffix: str

    def head(self) -> str:
        """The text before the first product."""
        ...

    def rows(self, product: Product) -> str:
        """One product."""
        ...

    def tail(self) -> str:
        """The text after the last product."""
        ...


def pictures_of(product: Product) -> Iterator[tuple[str, Texts]]:
    """URLs and alternative texts of its pictures, the main one first, each once."""
    found: dict[str, Texts] = {}
    if product.image:
        found[product.image] = {}
    for one in product.media:
        if one.kind == "image":
            found[one.url] = one.alt or found.get(one.url, {})
    yield from found.items()
