"""Google's product feed: RSS 2.0 with the namespace ``g:``, one item per variant that is sold in the currency.

Attributes and their limits: the product data specification of Google Merchant Center.
"""

import io
import re
from collections.abc import Iterator
from urllib.parse import quote
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from renga.domains.catalog.contract import Price, PriceTerms, Product, Variant, price_of, sold_in
from renga.domains.catalog.feeds.feed import FeedTerms, pictures_of

NAMESPACE = "http://base.google.com/ns/1.0"
TITLE_CHARACTERS_MAX = 150
DESCRIPTION_CHARACTERS_MAX = 5_000
BRAND_CHARACTERS_MAX = 70
TYPE_CHARACTERS_MAX = 750
ID_CHARACTERS_MAX = 50
MORE_PICTURES_MAX = 10
#: Options for which Google has its own attribute.
_OPTIONS = {"color": "color", "colour": "color", "cor": "color", "size": "size", "tamanho": "size", "material": "material",
            "pattern": "pattern", "estampa": "pattern"}  # fmt: skip
#: Google's name of each unit of a measure, and of the unit that its price is told in.
_MEASURES = {"g": ("g", "kg"), "kg": ("kg", "kg"), "ml": ("ml", "l"), "l": ("l", "l"), "m": ("m", "m"), "m2": ("sqm", "sqm"),
             "piece": ("ct", "ct")}  # fmt: skip
#: Characters that XML 1.0 (§2.2) does not allow, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_ATTRIBUTES = AttributesImpl({})


class GoogleFeed:
    media_type = "application/rss+xml"
    suffix = "xml"

    def __init__(self, terms: FeedTerms, *, title: str = "Renga") -> None:
        self._terms, self._title = terms, title

    def head(self) -> str:
        out = io.StringIO()
        xml = XMLGenerator(out, "utf-8", short_empty_elements=True)
        xml.startDocument()
        xml.startElement("rss", AttributesImpl({"version": "2.0", "xmlns:g": NAMESPACE}))
        xml.startElement("channel", _NO_ATTRIBUTES)
        for name, text in (("title", self._title), ("link", self._terms.shop_url), ("description", self._title)):
            _element(xml, name, text)
        xml.characters("\n")
        return out.getvalue()

    def rows(self, product: Product) -> str:
        if not sold_in(product, self._terms.channel):
            return ""
        out = io.StringIO()
        xml = XMLGenerator(out, "utf-8")
        asked = PriceTerms(currency=self._terms.currency, at=self._terms.at, channel=self._terms.channel)
        for variant in product.variants:
            price = price_of(variant, asked)
            if price is None:
                continue
            xml.startElement("item", _NO_ATTRIBUTES)
            for name, text in self._attributes(product, variant, price):
                if text:
                    _element(xml, f"g:{name}", text)
            xml.endElement("item")
            xml.characters("\n")
        return out.getvalue()

    def tail(self) -> str:
        return "</channel></rss>\n"

    def _attributes(self, product: Product, variant: Variant, price: Price) -> Iterator[tuple[str, str]]:
        terms = self._terms
        title = terms.text(product.title)
        options = [(code, terms.text(texts)) for code, texts in variant.options.items()]
        several = len(product.variants) > 1
        yield "id", variant.sku[:ID_CHARACTERS_MAX]
        yield "title", ", ".join((title, *(t for _, t in options if several)))[:TITLE_CHARACTERS_MAX]
        yield "description", (terms.text(product.description) or title)[:DESCRIPTION_CHARACTERS_MAX]
        yield "link", terms.address(f"/p/{product.slug}") + (f"?sku={_quoted(variant.sku)}" if several else "")
        yield from self._pictures(product, variant)
        yield "availability", variant.availability
        yield from self._prices(price)
        yield "brand", (product.brand or "")[:BRAND_CHARACTERS_MAX]
        yield from _identifiers(product, variant)
        if several:
            yield "item_group_id", product.slug[:ID_CHARACTERS_MAX]
        for code, text in options:
            if code in _OPTIONS:
                yield _OPTIONS[code], text
        for slug in product.categories[:1]:
            yield "product_type", " > ".join(terms.path_of(slug))[:TYPE_CHARACTERS_MAX]
        if variant.weight_g is not None and not variant.digital:
            yield "shipping_weight", f"{variant.weight_g} g"
        if variant.measure is not None:
            unit, base = _MEASURES[variant.measure.unit]
            yield "unit_pricing_measure", f"{variant.measure.amount} {unit}"
            yield "unit_pricing_base_measure", f"1 {base}"

    def _pictures(self, product: Product, variant: Variant) -> Iterator[tuple[str, str]]:
        urls = list(dict.fromkeys(filter(None, (variant.image, *(url for url, _ in pictures_of(product))))))
        for order, url in enumerate(urls[: MORE_PICTURES_MAX + 1]):
            yield ("image_link" if order == 0 else "additional_image_link"), self._terms.address(url)

    def _prices(self, price: Price) -> Iterator[tuple[str, str]]:
        """With a reduced price: ``price`` is the price to strike through, ``sale_price`` the reduced one."""
        currency, reduced = price.currency, price.compare_at is not None and price.compare_at > price.amount
        usual = price.compare_at if reduced and price.compare_at is not None else price.amount
        yield "price", f"{self._terms.decimal(usual)} {currency}"
        if reduced:
            yield "sale_price", f"{self._terms.decimal(price.amount)} {currency}"


def _identifiers(product: Product, variant: Variant) -> Iterator[tuple[str, str]]:
    """The GTIN, or brand and part number; ``identifier_exists`` is no if there is neither."""
    part_number = product.attributes.get("mpn")
    mpn = part_number if isinstance(part_number, str) else ""
    yield "gtin", variant.gtin or ""
    yield "mpn", mpn
    if not variant.gtin and not (product.brand and mpn):
        yield "identifier_exists", "no"


def _element(xml: "XMLGenerator", name: str, text: str) -> None:
    xml.startElement(name, _NO_ATTRIBUTES)
    xml.characters(_NOT_XML.sub("", text))
    xml.endElement(name)


def _quoted(sku: str) -> str:
    return quote(sku, safe="")
