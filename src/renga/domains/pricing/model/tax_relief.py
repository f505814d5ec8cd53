"""Who owes no tax: the holder of an exemption certificate; a company of another EU country, which owes it itself."""

from renga.domains.pricing.contract import TaxRelief, TaxRequest

#: Member states of the European Union (ISO 3166-1). VAT ids of Greece begin with EL.
EU = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
        "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip

#: The text that the invoice must have (Directive 2006/112/EC, article 226, 11a).
REVERSE_CHARGE_NOTE = "Reverse charge"


def relief_of(request: TaxRequest) -> TaxRelief | None:
    """``tax_id`` is a verified one. Reverse charge: goods go to another member state than the seller's, to a company with a
    VAT id that is not of the seller's country (Directive 2006/112/EC, articles 138 and 196)."""
    if request.exemption:
        return "exempt"
    destination, seller = request.destination, request.seller_country
    if destination is None or not request.company or not request.tax_id:
        return None
    if seller not in EU or destination.country not in EU or destination.country == seller:
        return None
    country = vat_country(request.tax_id)
    return "reverse_charge" if country in EU and country != seller else None


def vat_country(tax_id: str) -> str:
    """The country of a VAT id by its first two letters."""
    prefix = tax_id[:2].upper()
    return "GR" if prefix == "EL" else prefix


def relief_notes(request: TaxRequest, relief: TaxRelief | None) -> tuple[str, ...]:
    """What the invoice says about it."""
    if relief == "reverse_charge":
        return (f"{REVERSE_CHARGE_NOTE}: {request.tax_id}",)
    return (f"Tax exemption certificate: {request.exemption}",) if relief == "exempt" else ()
