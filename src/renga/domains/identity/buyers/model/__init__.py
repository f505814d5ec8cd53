"""Pure rules of groups and certificates."""

import re
from collections.abc import Sequence

from renga.domains.identity.contract import BuyerFactsInvalid, CustomerGroupInvalid
from renga.kernel.buyer_terms import GROUPS_MAX, TermsInvalid, checked_groups
from renga.kernel.group_codes import is_shop_group, merchant_group

#: Bounds: groups of the shop, groups of one merchant, customers of one group, languages and characters of a name.
SHOP_GROUPS_MAX, MERCHANT_GROUPS_MAX, CUSTOMERS_MAX = 500, 50, 10_000
NAMES_MAX, NAME_CHARS_MAX = 20, 80
CERTIFICATE_CHARS_MAX = 60

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_CERTIFICATE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9 ./-]{{0,{CERTIFICATE_CHARS_MAX - 1}}}")


def shop_code(code: str) -> str:
    """The code of a group of the shop. Raises CustomerGroupInvalid."""
    if not is_shop_group(_code(code)):
        raise CustomerGroupInvalid("a code with -- is for groups of merchants", field="code")
    return code


def merchant_code(merchant_id: str, name: str) -> str:
    """The code of a merchant's group of this name. Raises CustomerGroupInvalid."""
    try:
        return _code(merchant_group(merchant_id, _code(name)))
    except TermsInvalid as error:
        raise CustomerGroupInvalid(error.detail, field="code") from None


def checked_names(names: dict[str, str]) -> dict[str, str]:
    """Names by language (BCP 47), without spaces around them. Raises CustomerGroupInvalid."""
    if not 1 <= len(names) <= NAMES_MAX:
        raise CustomerGroupInvalid(f"a group has a name in 1 to {NAMES_MAX} languages", field="name")
    found = {}
    for language, text in names.items():
        if not _LANGUAGE.fullmatch(language):
            raise CustomerGroupInvalid(f"{language[:40]!r} is no language tag", field="name")
        name = text.strip()
        if not 1 <= len(name) <= NAME_CHARS_MAX or not name.isprintable():
            raise CustomerGroupInvalid(f"a name has 1 to {NAME_CHARS_MAX} printable characters", field="name")
        found[language] = name
    return found


def wanted_groups(codes: Sequence[str]) -> tuple[str, ...]:
    """The codes for an account, sorted and distinct, at most GROUPS_MAX. Raises CustomerGroupInvalid."""
    try:
        return checked_groups(tuple(codes))
    except TermsInvalid as error:
        raise CustomerGroupInvalid(error.detail, field="groups") from None


def checked_certificate(number: str) -> str:
    """The number of a tax-exemption certificate. Raises BuyerFactsInvalid."""
    number = number.strip()
    if not _CERTIFICATE.fullmatch(number):
        raise BuyerFactsInvalid(
            f"a certificate's number has 1 to {CERTIFICATE_CHARS_MAX} letters, digits, spaces and . / -",
            field="certificate",
        )
    return number


def effective_groups(placed: Sequence[str]) -> tuple[str, ...]:
    """The groups that count, of those in order of precedence: the first GROUPS_MAX, sorted."""
    return tuple(sorted(list(dict.fromkeys(placed))[:GROUPS_MAX]))


def _code(code: str) -> str:
    try:
        checked_groups((code,))
    except TermsInvalid as error:
        raise CustomerGroupInvalid(error.detail, field="code") from None
    return code
