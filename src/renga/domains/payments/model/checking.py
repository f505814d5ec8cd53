"""Whether a request is a payment: bounds, texts, and what goes with what."""

from collections.abc import Sequence
from datetime import date

import msgspec

from renga.domains.payments.contract.errors import PaymentInvalid
from renga.domains.payments.contract.payments import (
    INSTALMENTS_MAX,
    INTERNAL_METHODS,
    MEANS_MAX,
    REFERENCE_CHARS_MAX,
    SHARES_MAX,
    NewMeans,
    NewPayment,
    Payer,
    Share,
)
from renga.domains.payments.contract.wallets import plain_code
from renga.kernel.money import AMOUNT_MAX, exponent
from renga.kernel.once import KEY_CHARACTERS_MAX
from renga.kernel.tax_ids import TaxIdInvalid, checked_tax_id

#: Characters of a name, a token, a URL.
TEXT_CHARS_MAX, TOKEN_CHARS_MAX, URL_CHARS_MAX = 200, 500, 2_000
PIX_S_MIN, PIX_S_MAX = 60, 604_800
_ONLY: dict[str, frozenset[str]] = {
    "token": frozenset({"card"}),
    "saved_method": frozenset({"card"}),
    "consent": frozenset({"card"}),
    "code": frozenset({"gift_card"}),
    "expires_in_s": frozenset({"pix"}),
    "due_on": frozenset({"boleto"}),
}


def checked_payment(new: NewPayment) -> tuple[NewMeans, ...]:
    """The means, each with its amount, in the order in which they are asked: the ledger first, what the buyer pays later last.

    Raises PaymentInvalid, UnknownCurrency.
    """
    check_text(new.key, "key", KEY_CHARACTERS_MAX)
    check_reference(new.reference)
    exponent(new.amount.currency)
    check_amount(new.amount.amount, "amount")
    _check_payer(new.payer)
    if new.return_url is not None:
        check_text(new.return_url, "return_url", URL_CHARS_MAX)
        if not new.return_url.startswith(("https://", "http://")):
            raise PaymentInvalid("return_url is an http or https address", field="return_url")
    check_shares(new.shares, new.amount.amount)
    means = _with_amounts(new)
    for place, one in enumerate(means):
        _check_means(one, new.payer, f"means[{place}]")
    _check_together(means)
    return tuple(sorted(means, key=_rank))


def _rank(means: NewMeans) -> int:
    return 0 if means.method in INTERNAL_METHODS else 1 if means.method == "card" else 2


def check_text(text: str, field: str, most: int = TEXT_CHARS_MAX) -> None:
    """Raises PaymentInvalid."""
    if not 1 <= len(text) <= most or not text.isprintable():
        raise PaymentInvalid(f"{field} has 1 to {most} printable characters", field=field)


def check_reference(reference: str) -> None:
    """Raises PaymentInvalid."""
    check_text(reference, "reference", REFERENCE_CHARS_MAX)


def check_amount(amount: int, field: str) -> None:
    """Raises PaymentInvalid."""
    if not 1 <= amount <= AMOUNT_MAX:
        raise PaymentInvalid(f"{field} is from 1 to {AMOUNT_MAX} minor units", field=field)


def _check_payer(payer: Payer) -> None:
    for name in payer.__struct_fields__:
        value = getattr(payer, name)
        if value is not None:
            check_text(value, f"payer.{name}")
    country = payer.country
    if country is not None and not (len(country) == 2 and country.isascii() and country.isupper()):
        raise PaymentInvalid("payer.country is two letters (ISO 3166-1)", field="payer.country")


def check_shares(shares: Sequence[Share], amount: int) -> None:
    """Raises PaymentInvalid."""
    if len(shares) > SHARES_MAX:
        raise PaymentInvalid(f"a payment has at most {SHARES_MAX} shares", field="shares")
    for place, one in enumerate(shares):
        if not 0 <= one.amount <= amount:
            raise PaymentInvalid("a share is from 0 to the payment's amount", field=f"shares[{place}].amount")
        for name in ("merchant", "category"):
            value = getattr(one, name)
            if value is not None:
                check_text(value, f"shares[{place}].{name}", 100)
    if sum(one.amount for one in shares) > amount:
        raise PaymentInvalid("the shares are more than the amount", field="shares")


def _with_amounts(new: NewPayment) -> list[NewMeans]:
    if not 1 <= len(new.means) <= MEANS_MAX:
        raise PaymentInvalid(f"a payment has 1 to {MEANS_MAX} means", field="means")
    for place, one in enumerate(new.means):
        if one.amount is not None:
            check_amount(one.amount, f"means[{place}].amount")
    named = sum(one.amount or 0 for one in new.means)
    open_ones = [one for one in new.means if one.amount is None]
    rest = new.amount.amount - named
    if len(open_ones) > 1:
        raise PaymentInvalid("at most one means has no amount", field="means")
    if rest < 0 or (rest > 0) != bool(open_ones):
        raise PaymentInvalid("the means do not sum to the amount", field="means")
    return [msgspec.structs.replace(one, amount=rest) if one.amount is None else one for one in new.means]


def _check_means(one: NewMeans, payer: Payer, field: str) -> None:
    for name, methods in _ONLY.items():
        value = getattr(one, name)
        if value is None:
            continue
        if one.method not in methods:
            raise PaymentInvalid(f"{one.method} has no {name}", field=f"{field}.{name}")
        if isinstance(value, str):
            check_text(value, f"{field}.{name}", TOKEN_CHARS_MAX)
    if not 1 <= one.instalments <= INSTALMENTS_MAX or (one.instalments > 1 and one.method != "card"):
        raise PaymentInvalid(f"a card has 1 to {INSTALMENTS_MAX} instalments", field=f"{field}.instalments")
    if one.expires_in_s is not None and not PIX_S_MIN <= one.expires_in_s <= PIX_S_MAX:
        raise PaymentInvalid(f"{PIX_S_MIN} to {PIX_S_MAX} seconds", field=f"{field}.expires_in_s")
    _check_needs(one, payer, field)
    _check_saving(one, payer, field)
    if one.due_on is not None:
        due_date(one.due_on, f"{field}.due_on")


def _check_needs(one: NewMeans, payer: Payer, field: str) -> None:
    """What a method cannot do without."""
    if one.method == "card" and (one.token is None) == (one.saved_method is None):
        raise PaymentInvalid("a card has a token or a saved method", field=f"{field}.token")
    if one.method == "gift_card" and one.code is None:
        raise PaymentInvalid("a gift card has a code", field=f"{field}.code")
    if (one.method == "store_credit" or one.saved_method is not None) and payer.customer is None:
        raise PaymentInvalid("this means belongs to a customer", field="payer.customer")
    if one.method == "boleto" and (payer.name is None or payer.tax_id is None):
        raise PaymentInvalid("a boleto needs the payer's name and tax_id", field="payer")
    if one.method == "boleto" and payer.tax_id is not None:
        try:
            checked_tax_id("BR", payer.tax_id)
        except TaxIdInvalid as error:
            raise PaymentInvalid(f"a boleto is for a CPF or CNPJ: {error.detail}", field="payer.tax_id") from error


def _check_saving(one: NewMeans, payer: Payer, field: str) -> None:
    if not one.save:
        return
    if one.token is None:
        raise PaymentInvalid("only a new card can be saved", field=f"{field}.save")
    if one.consent is None:
        raise PaymentInvalid("a method is saved with the customer's consent", field=f"{field}.consent")
    if payer.customer is None:
        raise PaymentInvalid("a method is saved for a customer", field="payer.customer")


def due_date(text: str, field: str) -> date:
    """Raises PaymentInvalid."""
    try:
        if len(text) == len("2026-12-31"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise PaymentInvalid(f"{field} is a date such as 2026-12-31", field=field)


def _check_together(means: Sequence[NewMeans]) -> None:
    codes = [plain_code(one.code) for one in means if one.code is not None]
    if len(set(codes)) != len(codes):
        raise PaymentInvalid("a gift card is used once in a payment", field="means")
    methods = [one.method for one in means]
    if methods.count("store_credit") > 1:
        raise PaymentInvalid("store credit is used once in a payment", field="means")
    if methods.count("pix") + methods.count("boleto") > 1:
        raise PaymentInvalid("at most one means is paid later by the buyer", field="means")
    tokens = [one.token for one in means if one.token is not None]
    if len(set(tokens)) != len(tokens):
        raise PaymentInvalid("a token is used once", field="means")
