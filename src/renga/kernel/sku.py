"""Pure: what a sku may be, the same in the catalogue and in the cart."""

SKU_CHARACTERS_MAX = 100


def sku_problem(sku: str) -> str | None:
    """Why a text is no sku, or None. With characters that cannot be seen (zero-width spaces), two skus would look alike."""
    if not 1 <= len(sku) <= SKU_CHARACTERS_MAX:
        return f"a sku has from 1 to {SKU_CHARACTERS_MAX} characters, not {len(sku)}"
    if any(c in sku for c in "\n\r\t"):
        return "has a line break or a tab in it"
    if not sku.isprintable():
        return "has a character in it that cannot be printed"
    return None
