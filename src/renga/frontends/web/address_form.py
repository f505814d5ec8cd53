"""The address form: parsed, normalised and checked field by field; shown in Brazilian format."""

import msgspec

from renga.domains.identity.contract import Address
from renga.frontends.web.forms import Fields
from renga.frontends.web.i18n import Translator

#: The shipping country, ISO 3166-1 alpha-2.
COUNTRIES = ("BR", "AR", "CL", "CO", "DE", "ES", "FR", "GB", "IT", "JP", "MX", "PT", "US", "UY")
#: Maximum characters by field.
LIMITS = {
    "name": 120,
    "line1": 160,
    "line2": 80,
    "district": 80,
    "city": 80,
    "region": 60,
    "postal_code": 16,
    "country": 2,
    "phone": 30,
}
_REQUIRED = ("name", "postal_code", "line1", "city", "region")
_CEP_DIGITS = 8


class AddressForm(msgspec.Struct, frozen=True, kw_only=True):
    """``address`` is None if there are ``errors`` (text by field)."""

    values: dict[str, str]
    errors: dict[str, str] = {}
    address: Address | None = None


def read_address(fields: Fields, t: Translator) -> AddressForm:
    values = {name: " ".join(fields.get(name, "").split()) for name in LIMITS}
    errors = {name: t("form.required") for name in _REQUIRED if not values[name]}
    errors |= {name: t("form.too_long") for name, most in LIMITS.items() if len(values[name]) > most}
    if values["country"] not in COUNTRIES:
        errors["country"] = t("form.required")
    postal_code = values["postal_code"]
    if values["country"] == "BR" and "postal_code" not in errors:
        postal_code = "".join(character for character in postal_code if character not in "-. ")
        if not (postal_code.isascii() and postal_code.isdigit() and len(postal_code) == _CEP_DIGITS):
            errors["postal_code"] = t("address.cep_wrong")
    if errors:
        return AddressForm(values=values, errors=errors)
    return AddressForm(values=values, address=Address(**(values | {"postal_code": postal_code})))


def shown(address: Address | None, name: str = "") -> dict[str, str]:
    """The form's values: those of an address, or of a new one for this name."""
    if address is None:
        return dict.fromkeys(LIMITS, "") | {"name": name, "country": "BR"}
    values: dict[str, str] = msgspec.structs.asdict(address)
    return values | {"postal_code": postal_code_text(address)}


def postal_code_text(address: Address) -> str:
    code = address.postal_code
    return f"{code[:5]}-{code[5:]}" if address.country == "BR" and len(code) == _CEP_DIGITS else code
