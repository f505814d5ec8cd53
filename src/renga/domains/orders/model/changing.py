"""A change of a checkout: each member checked, then put in the place of what was said before."""

import re
from typing import Any

import msgspec
from msgspec import UNSET

from renga.domains.orders.contract import CheckoutChange, CheckoutInvalid, ConsentGiven
from renga.domains.orders.model.checkout_record import CheckoutDetails
from renga.domains.payments.contract.wallets import plain_code
from renga.kernel.address import PostalAddress, checked_address
from renga.kernel.countries import COUNTRIES
from renga.kernel.email_address import EmailInvalid, normal_email
from renga.kernel.tax_ids import checked_tax_id

_CODE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
#: Longest texts, in characters.
CODE_CHARS_MAX, VERSION_CHARS_MAX = 64, 100


def changed(before: CheckoutDetails, change: CheckoutChange, language: str = "") -> CheckoutDetails:
    """The details after a change.

    Raises CheckoutInvalid, EmailInvalid, TaxIdInvalid, PostalAddressInvalid, PostalCodeInvalid.
    """
    said = {name: value for name in _MEMBERS if (value := getattr(change, name)) is not UNSET}
    after: dict[str, Any] = {name: _checked(name, value) for name, value in said.items()}
    if change.payment is not UNSET:
        after["payment_method"] = None if change.payment is None else change.payment.method
        after["instalments"] = 1 if change.payment is None else change.payment.instalments
    if language:
        after["language"] = language
    return msgspec.structs.replace(before, **after)


def _checked(name: str, value: Any) -> Any:
    if value is None:
        return _EMPTY.get(name)
    return _MEMBERS[name](value, name)


def _email(text: str, name: str) -> str:
    try:
        return normal_email(text)
    except EmailInvalid:
        raise EmailInvalid(field=name) from None


def _tax_id(text: str, name: str) -> str:
    """CPF or CNPJ."""
    return checked_tax_id("BR", text)[0]


def _country(text: str, name: str) -> str:
    if text not in COUNTRIES:
        raise CheckoutInvalid("country is a country of ISO 3166-1, in two capital letters", field=name)
    return text


def _address(address: PostalAddress, name: str) -> PostalAddress:
    return checked_address(address, name)


def _option(text: str, name: str) -> str:
    return _code(text, name)


def _codes(codes: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Distinct without regard to case."""
    return tuple({_code(code, name).upper(): code.strip() for code in reversed(codes)}.values())[::-1]


def _gift_cards(codes: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Distinct however they are written: the same card does not pay twice."""
    return tuple({plain_code(code): code for code in reversed(_codes(codes, name))}.values())[::-1]


def _code(text: str, name: str) -> str:
    text = text.strip()
    if not 1 <= len(text) <= CODE_CHARS_MAX or not text.isprintable():
        raise CheckoutInvalid(f"{name} has from 1 to {CODE_CHARS_MAX} printable characters", field=name)
    return text


def _consents(consents: dict[str, ConsentGiven], name: str) -> dict[str, ConsentGiven]:
    for code, given in consents.items():
        if not _CODE.fullmatch(code):
            raise CheckoutInvalid(
                "the name of a consent has from 1 to 40 lower-case letters, digits, . _ and -", field=name
            )
        if isinstance(given, str) and not (1 <= len(given) <= VERSION_CHARS_MAX and given.isprintable()):
            raise CheckoutInvalid(
                "the version of a text has from 1 to 100 printable characters", field=f"{name}.{code}"
            )
    return dict(sorted(consents.items()))


_MEMBERS: dict[str, Any] = {
    "email": _email,
    "tax_id": _tax_id,
    "country": _country,
    "shipping_address": _address,
    "billing_address": _address,
    "shipping_option": _option,
    "gift_cards": _gift_cards,
    "coupons": _codes,
    "consents": _consents,
}
_EMPTY: dict[str, Any] = {"gift_cards": (), "coupons": (), "consents": {}}
