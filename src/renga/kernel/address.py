"""A postal address, as a person writes it on a parcel."""

import re

import msgspec

from renga.kernel.countries import COUNTRIES
from renga.kernel.destination import Destination, checked_destination
from renga.kernel.errors import Unprocessable
from renga.kernel.identifiers import Identifier

#: Longest texts, in characters.
NAME_CHARS_MAX, STREET_CHARS_MAX, SHORT_CHARS_MAX, PHONE_CHARS_MAX = 120, 200, 80, 30
_BOUNDS = {
    "name": NAME_CHARS_MAX,
    "street": STREET_CHARS_MAX,
    "number": 20,
    "complement": STREET_CHARS_MAX,
    "district": SHORT_CHARS_MAX,
    "city": SHORT_CHARS_MAX,
    "phone": PHONE_CHARS_MAX,
}
#: Members that a parcel cannot do without.
_NEEDED = ("name", "street", "city")
_REGION = re.compile(r"[A-Z0-9]{1,3}")
_PHONE = re.compile(r"\+?[0-9() ./-]{3,29}")
#: Countries whose addresses have a postal code, and those whose addresses have a region (Universal Postal Union, S42).
POSTAL_CODE_COUNTRIES = frozenset({"BR", "CH", "DE", "ES", "FR", "IT", "JP", "PT", "US"})
REGION_COUNTRIES = frozenset({"AU", "BR", "CA", "US"})


class PostalAddressInvalid(Unprocessable):
    """``field`` names the member that is wrong, of a checkout with its path (``shipping_address.city``)."""

    code = "address_invalid"
    title = "This postal address is not valid"


class PostalAddress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """``country`` is ISO 3166-1 alpha-2, ``region`` an ISO 3166-2 subdivision without its country (``SP``).

    ``street`` may contain the house number; where addresses have it apart (Brazil), it is ``number``.
    """

    name: str
    street: str
    city: str
    country: str
    number: str | None = None
    complement: str | None = None
    district: str | None = None
    region: str | None = None
    postal_code: str | None = None
    phone: Identifier | None = None

    @property
    def destination(self) -> Destination:
        """What prices, taxes and stock need of it."""
        return Destination(country=self.country, region=self.region or "", postal_code=self.postal_code or "")


def checked_address(address: PostalAddress, at: str = "address") -> PostalAddress:
    """The address without space at the ends of its texts; empty optional texts are left out.

    ``at`` is the name of the member that holds it. Raises PostalAddressInvalid, PostalCodeInvalid.
    """
    texts = {name: (getattr(address, name) or "").strip() for name in PostalAddress.__struct_fields__}
    for name in _NEEDED:
        _demand(texts[name], at, name, "is needed")
    for name, most in _BOUNDS.items():
        fits = len(texts[name]) <= most and texts[name].isprintable()
        _demand(fits, at, name, f"has at most {most} printable characters")
    _demand(texts["country"] in COUNTRIES, at, "country", "is a country of ISO 3166-1, in two capital letters")
    region = texts["region"]
    _demand(
        not region or _REGION.fullmatch(region), at, "region", "is a subdivision of ISO 3166-2 without its country (SP)"
    )
    _demand(not texts["phone"] or _PHONE.fullmatch(texts["phone"]), at, "phone", "is a telephone number")
    cleaned = PostalAddress(**{name: text or None for name, text in texts.items()})  # type: ignore[arg-type]  # four are not empty
    checked_destination(cleaned.destination, field=f"{at}.postal_code")
    return cleaned


def missing_members(address: PostalAddress) -> tuple[str, ...]:
    """Members that addresses of this country have and this one has not."""
    wanted = []
    if address.country in REGION_COUNTRIES and not address.region:
        wanted.append("region")
    if address.country in POSTAL_CODE_COUNTRIES and not address.postal_code:
        wanted.append("postal_code")
    return tuple(wanted)


def _demand(met: object, at: str, name: str, what: str) -> None:
    if not met:
        raise PostalAddressInvalid(f"{at}.{name} {what}", field=f"{at}.{name}")
