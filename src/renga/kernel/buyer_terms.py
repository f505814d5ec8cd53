"""Who buys, where and how: the terms that decide prices, taxes and what is sold to whom."""

import re

import msgspec

from renga.kernel.errors import Unprocessable
from renga.kernel.money import exponent

#: The channel of a buyer who names none.
DEFAULT_CHANNEL = "web"

#: A buyer has at most this many customer groups; more would make every price row longer.
GROUPS_MAX = 20

_COUNTRY = re.compile(r"[A-Z]{2}")
_REGION = re.compile(r"[A-Z0-9]{1,3}")
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class TermsInvalid(Unprocessable):
    code = "terms_invalid"
    title = "These are not terms of a sale"


class VerifiedFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the shop has verified about an account; never taken from a request.

    ``groups``     codes of customer groups, kept by merchants and admins; sorted, distinct
    ``tax_id``     tax number of the person or company (CPF, CNPJ, VAT id), digits and letters only; None: unknown
    ``company``    the buyer is a company
    ``exemption``  number of the tax-exemption certificate; None: not exempt
    """

    groups: tuple[str, ...] = ()
    tax_id: str | None = None
    company: bool = False
    exemption: str | None = None


#: The facts of a guest.
NOTHING_VERIFIED = VerifiedFacts()


class BuyerTerms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The terms of one sale. Equal terms give equal prices at the same time.

    ``currency``  ISO 4217
    ``channel``   where it is sold (``web``, ``app``, a shop, a marketplace)
    ``country``   ISO 3166-1 alpha-2 of the destination, ``region`` its ISO 3166-2 subdivision without the country; empty: unknown
    ``language``  BCP 47; empty: the shop's
    ``verified``  the buyer's verified facts
    """

    currency: str
    channel: str = DEFAULT_CHANNEL
    country: str = ""
    region: str = ""
    language: str = ""
    verified: VerifiedFacts = NOTHING_VERIFIED

    @property
    def price_key(self) -> str:
        """What prices depend on besides currency, quantity and time: ``web``, or ``web|staff,trade``."""
        groups = self.verified.groups
        return f"{self.channel}|{','.join(groups)}" if groups else self.channel


def checked_terms(terms: BuyerTerms) -> BuyerTerms:
    """Returns the terms if each part is well formed. Raises TermsInvalid (``field`` says which), UnknownCurrency."""
    exponent(terms.currency)
    _demand(_CODE.fullmatch(terms.channel), "channel", "has from 1 to 40 lower-case letters, digits, _ and -")
    _demand(not terms.country or _COUNTRY.fullmatch(terms.country), "country", "is two capital letters of ISO 3166-1")
    _demand(
        not terms.region or (terms.country and _REGION.fullmatch(terms.region)),
        "region",
        "is a subdivision of ISO 3166-2 without its country (SP), and needs a country",
    )
    return terms


def checked_groups(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes of customer groups, sorted and distinct. Raises TermsInvalid."""
    for code in codes:
        _demand(_CODE.fullmatch(code), "groups", "have from 1 to 40 lower-case letters, digits, _ and -")
    distinct = tuple(sorted(set(codes)))
    _demand(len(distinct) <= GROUPS_MAX, "groups", f"are at most {GROUPS_MAX}")
    return distinct


def _demand(met: object, field: str, what: str) -> None:
    if not met:
        raise TermsInvalid(f"{field} {what}", field=field)
