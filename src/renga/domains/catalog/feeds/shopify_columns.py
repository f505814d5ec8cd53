"""The columns of Shopify's product CSV: their current names in order, and their former names."""

#: In the order of Shopify's template file.
COLUMNS = (
    "Title", "URL handle", "Description", "Vendor", "Product category", "Type", "Tags", "Published on online store",
    "Status", "SKU", "Barcode", "Option1 name", "Option1 value", "Option1 Linked To", "Option2 name", "Option2 value",
    "Option2 Linked To", "Option3 name", "Option3 value", "Option3 Linked To", "Price", "Compare-at price",
    "Cost per item", "Charge tax", "Tax code", "Unit price total measure", "Unit price total measure unit",
    "Unit price base measure", "Unit price base measure unit", "Inventory tracker", "Inventory quantity",
    "Continue selling when out of stock", "Weight value (grams)", "Weight unit for display", "Requires shipping",
    "Fulfillment service", "Product image URL", "Image position", "Image alt text", "Variant image URL", "Gift card",
    "SEO title", "SEO description",
)  # fmt: skip
OPTIONS_MAX = 3

#: Former to current names: used in files from before 2025, and by many tools still.
FORMER = {
    "Handle": "URL handle",
    "Body (HTML)": "Description",
    "Product Category": "Product category",
    "Published": "Published on online store",
    "Variant SKU": "SKU",
    "Variant Barcode": "Barcode",
    **{
        f"Option{n} {part}": f"Option{n} {part.lower()}"
        for n in range(1, OPTIONS_MAX + 1)
        for part in ("Name", "Value")
    },
    "Variant Price": "Price",
    "Variant Compare At Price": "Compare-at price",
    "Variant Taxable": "Charge tax",
    "Variant Tax Code": "Tax code",
    "Variant Inventory Tracker": "Inventory tracker",
    "Variant Inventory Qty": "Inventory quantity",
    "Variant Inventory Policy": "Continue selling when out of stock",
    "Variant Grams": "Weight value (grams)",
    "Variant Weight Unit": "Weight unit for display",
    "Variant Requires Shipping": "Requires shipping",
    "Variant Fulfillment Service": "Fulfillment service",
    "Image Src": "Product image URL",
    "Image Position": "Image position",
    "Image Alt Text": "Image alt text",
    "Variant Image": "Variant image URL",
    "Gift Card": "Gift card",
    "SEO Title": "SEO title",
    "SEO Description": "SEO description",
}
#: A header with all of these (current or former names) is Shopify's.
_TELLING = frozenset({"URL handle", "Title", "Option1 name", "Option1 value"})
_NAMES = frozenset(COLUMNS)


def present_name(column: str) -> str | None:
    """The current name of a column, None for one that is ignored (metafields, markets, Google Shopping)."""
    name = FORMER.get(column, column)
    return name if name in _NAMES else None


def unknown_columns(header: list[str]) -> list[str]:
    """Columns that an import ignores."""
    return [column for column in header if present_name(column) is None]


def is_shopify(header: list[str]) -> bool:
    """Is this the first line of a Shopify product CSV?"""
    return {present_name(column) for column in header} >= _TELLING
