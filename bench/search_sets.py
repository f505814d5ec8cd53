"""What ``bench.search`` fills an index with: the rows of the Icecat file and generated products, as documents."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import catalogue_generator, icecat
from bench.catalogue_generator import GeneratedProduct
from renga.search.document import BODY_CHARS_MAX, Document, FacetNumber, FacetValue, LanguageText
from renga.search.folding import key_of

_MOMENT = "2026-01-01T00:00:00.000Z"
_VALUE_CHARS_MAX = 80


def icecat_documents(path: Path) -> Iterator[Document]:
    """The file's products, in English."""
    return (_icecat(record) for record in icecat.records(path))


def _icecat(record: dict[str, Any]) -> Document:
    attributes: dict[str, Any] = record["attributes"]
    texts = {name: value for name, value in attributes.items() if isinstance(value, str)}
    numbers = {
        name: float(value)
        for name, value in attributes.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    keys = [record["sku"], *record["ean"]]
    return _document(
        record["id"],
        LanguageText(
            title=record["title"],
            words=" ".join(dict.fromkeys([record["brand"], *texts.values()])),
            body=(record.get("short_description") or "")[:BODY_CHARS_MAX],
        ),
        "en",
        brand=record["brand"],
        keys={key_of(key): record["sku"] for key in keys if key_of(key)},
        prices={"BRL": record["price_minor"]},
        values=_values(texts),
        numbers=numbers,
    )


def generated_documents(count: int) -> Iterator[Document]:
    """Generated products, in Portuguese."""
    return (_generated(one) for one in catalogue_generator.products(count))


def _generated(one: GeneratedProduct) -> Document:
    return _document(
        one.slug,
        LanguageText(title=one.title, words=" ".join([one.brand, one.kind, *one.texts.values()]), body=one.description),
        "pt",
        brand=one.brand,
        keys={key_of(one.sku): one.sku, one.gtin: one.sku},
        prices={"BRL": one.price_minor},
        values=(FacetValue("category", one.category), *_values(one.texts)),
        numbers=one.numbers,
        popularity=one.popularity,
        available=one.available,
    )


def _values(texts: dict[str, str]) -> tuple[FacetValue, ...]:
    return tuple(FacetValue(f"attribute.{name}", value[:_VALUE_CHARS_MAX]) for name, value in texts.items() if value)


def _document(
    name: str, text: LanguageText, language: str, *, brand: str, values: tuple[FacetValue, ...], **more: Any
) -> Document:
    numbers = tuple(FacetNumber(f"attribute.{facet}", number) for facet, number in more.pop("numbers").items())
    return Document(
        product_id=name,
        version=1,
        slug=name,
        texts={language: text},
        titles={language: text.title},
        brand=brand,
        channels=("*",),
        values=(FacetValue("brand", brand), *values),
        numbers=numbers,
        created_at=_MOMENT,
        **more,
    )
