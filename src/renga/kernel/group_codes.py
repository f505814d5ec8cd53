"""Codes of customer groups: the shop's are plain (``trade``); a merchant's name the merchant (``0242ac120002--trade``)."""

from renga.kernel.buyer_terms import TermsInvalid

#: Between the merchant and the name; no plain code has it.
_BETWEEN = "--"
#: The last characters of a merchant's id that stand for it: the random part of a UUID. A whole id leaves no room for a name.
_MERCHANT_CHARS = 12
#: Characters of a merchant's own name of a group, so that the code is at most 40 long.
MERCHANT_NAME_CHARS_MAX = 40 - _MERCHANT_CHARS - len(_BETWEEN)


def merchant_group(merchant: str, name: str) -> str:
    """The code of this merchant's group. Raises TermsInvalid."""
    if _BETWEEN in name or len(name) > MERCHANT_NAME_CHARS_MAX:
        raise TermsInvalid(f"a name has at most {MERCHANT_NAME_CHARS_MAX} characters and no {_BETWEEN}", field="groups")
    return f"{merchant[-_MERCHANT_CHARS:]}{_BETWEEN}{name}"


def is_shop_group(code: str) -> bool:
    """Is it a group of the whole shop, and not of one merchant?"""
    return _BETWEEN not in code


def may_price(code: str, merchant: str) -> bool:
    """May products of this merchant have a price for the group? Those of the shop and their own."""
    return is_shop_group(code) or code.startswith(f"{merchant[-_MERCHANT_CHARS:]}{_BETWEEN}")
