"""Writes Shopify's product CSV: the first row has the product's texts, each variant and each further picture has a row."""

import csv
import html
import io
from itertools import zip_longest

from renga.domains.catalog.contract import DEFAULT_CHANNEL, Product, Variant, sold_in
from renga.domains.catalog.feeds.feed import FeedTerms, pictures_of
from renga.domains.catalog.feeds.formulas import escaped
from renga.domains.catalog.feeds.shopify_columns import COLUMNS, OPTIONS_MAX

#: Shopify's option name and value for a product without options.
ONLY_OPTION, ONLY_VALUE = "Title", "Default Title"
_YES, _NO = "TRUE", "FALSE"


class ShopifyCsv:
    media_type = "text/csv"
    suffix = "csv"

    def __init__(self, terms: FeedTerms) -> None:
        self._terms = terms

    def head(self) -> str:
        return _lines([dict(zip(COLUMNS, COLUMNS, strict=True))])

    def rows(self, product: Product) -> str:
        names = list(dict.fromkeys(code for variant in product.variants for code in variant.options))[:OPTIONS_MAX]
        pictures = [
            {
                "Product image URL": self._terms.address(url),
                "Image position": str(position),
                "Image alt text": self._terms.text(alt),
            }
            for position, (url, alt) in enumerate(pictures_of(product), 1)
        ]
        made = []
        for order, (variant, picture) in enumerate(zip_longest(product.variants, pictures)):
            row = {"URL handle": product.slug} | (self._product(product) if order == 0 else {}) | (picture or {})
            if variant is not None:
                row |= self._variant(variant, names, product.tax_code or "", first=order == 0)
            if variant is not None and not variant.gtin and len(product.variants) == 1:
                barcode = product.attributes.get("barcode")
                row["Barcode"] = barcode if isinstance(barcode, str) else ""
            made.append(row)
        return _lines(made)

    def tail(self) -> str:
        return ""

    def _product(self, product: Product) -> dict[str, str]:
        terms = self._terms
        category, tags = product.attributes.get("product_category"), product.attributes.get("tags")
        taxonomy = [terms.path_of(slug)[-1] for slug in product.categories]
        return {
            "Title": terms.text(product.title),
            "Description": as_html(terms.text(product.description)),
            "Vendor": product.brand or "",
            "Product category": category if isinstance(category, str) else "",
            "Type": taxonomy[0] if taxonomy else "",
            "Tags": ", ".join([*taxonomy[1:], *([tags] if isinstance(tags, str) else [])]),
            "Published on online store": _YES
            if product.status != "active" or sold_in(product, DEFAULT_CHANNEL)
            else _NO,
            "Status": product.status.capitalize(),
            "Gift card": _NO,
            "SEO title": terms.text(product.seo.title),
            "SEO description": terms.text(product.seo.description),
        }

    def _variant(self, variant: Variant, names: list[str], tax_code: str, *, first: bool) -> dict[str, str]:
        terms = self._terms
        amount = variant.prices.get(terms.currency)
        compare = variant.compare_at.get(terms.currency)
        row = {
            "SKU": variant.sku,
            "Barcode": variant.gtin or "",
            "Price": "" if amount is None else terms.decimal(amount),
            "Compare-at price": "" if compare is None else terms.decimal(compare),
            "Charge tax": _YES,
            "Tax code": tax_code,
            "Weight value (grams)": "" if variant.weight_g is None else str(variant.weight_g),
            "Weight unit for display": "" if variant.weight_g is None else "g",
            "Requires shipping": _NO if variant.digital else _YES,
            "Fulfillment service": "manual",
            "Variant image URL": terms.address(variant.image) if variant.image else "",
        }
        if variant.measure is not None:
            row["Unit price total measure"] = str(variant.measure.amount)
            row["Unit price total measure unit"] = variant.measure.unit
        row |= _stock(variant)
        if not names:
            return row | {"Option1 name": ONLY_OPTION if first else "", "Option1 value": ONLY_VALUE}
        for number, code in enumerate(names, 1):
            row[f"Option{number} name"] = code if first else ""
            row[f"Option{number} value"] = terms.text(variant.options.get(code, {}))
        return row


def _stock(variant: Variant) -> dict[str, str]:
    """The catalogue has no stock levels, only an availability: in stock, out of stock, or out of stock but orderable."""
    if variant.availability == "in_stock":
        return {"Inventory tracker": "", "Inventory quantity": "", "Continue selling when out of stock": "DENY"}
    ordered = variant.availability in ("preorder", "backorder")
    return {
        "Inventory tracker": "shopify",
        "Inventory quantity": "0",
        "Continue selling when out of stock": "CONTINUE" if ordered else "DENY",
    }


def as_html(text: str) -> str:
    """Plain text as HTML for Shopify: a ``<p>`` per paragraph, line breaks inside them."""
    paragraphs = [html.escape(part, quote=False).replace("\n", "<br>") for part in text.split("\n\n") if part]
    return "".join(f"<p>{part}</p>" for part in paragraphs)


def _lines(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n").writerows(
        {column: escaped(column, cell) for column, cell in row.items()} for row in rows
    )
    return out.getvalue()
