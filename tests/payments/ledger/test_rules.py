"""What a transaction must be: limits, sums, keys, digests; conversions."""

import re
from fractions import Fraction

import msgspec
import pytest

from renga.domains.payments.contract.errors import LedgerInvalid, LedgerKeyConflict, LedgerUnbalanced
from renga.domains.payments.contract.ledger import ACCOUNT_KINDS, LedgerEntry, LedgerTransaction
from renga.domains.payments.ledger.model.accounts import WHOLE_SHOP, checked_account, kind_of
from renga.domains.payments.ledger.model.balance import check_transaction, checked_batch, digest_of, totals
from renga.domains.payments.ledger.model.conversion import CurrencyConversion, conversion_transaction, converted
from renga.domains.payments.ledger.model.pages import cursor_of, numbers_of, period_of
from renga.kernel.money import AMOUNT_MAX, Money
from tests.payments.ledger.books import entry, transaction, transfer


@pytest.mark.parametrize(
    "entries",
    [
        (entry("clearing:sim", 100), entry("merchant:house", -99)),
        (entry("clearing:sim", 100), entry("merchant:house", -100, "USD")),
        (entry("clearing:sim", 100), entry("merchant:house", 100)),
        (
            entry("clearing:sim", 1),
            entry("merchant:a", -1),
            entry("merchant:b", 1, "USD"),
            entry("merchant:c", -2, "USD"),
        ),
    ],
)
def test_unbalanced(entries: tuple[LedgerEntry, ...]) -> None:
    with pytest.raises(LedgerUnbalanced):
        check_transaction(transaction(*entries))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (transaction(key="k"), "entries"),
        (transaction(entry("tax", 0), entry("platform", 0)), "amount"),
        (transaction(entry("tax", 1), key="one entry"), "entries"),
        (transaction(*[entry("tax", (-1) ** n) for n in range(502)]), "entries"),
        (transfer("tax", "platform", AMOUNT_MAX + 1), "amount"),
        (transfer("tax", "platform", 2**63), "amount"),
        (transaction(entry("tax", 1.5), entry("platform", -1.5)), "amount"),  # type: ignore[arg-type]
        (transaction(entry("tax", True), entry("platform", -1)), "amount"),
        (transfer("tax", "platform", 1, currency="brl"), "currency"),
        (transfer("tax", "platform", 1, currency="XXX"), "currency"),
        (transfer("tax", "platform", 1, key=""), "key"),
        (transfer("tax", "platform", 1, key="k" * 201), "key"),
        (transfer("tax", "platform", 1, key="a\0b"), "key"),
        (transfer("tax", "platform", 1, key="\ud800"), "key"),
        (transaction(entry("tax", 1), entry("platform", -1), reference=""), "reference"),
        (transaction(entry("tax", 1), entry("platform", -1), reference="r" * 121), "reference"),
        (transaction(entry("tax", 1), entry("platform", -1), reference="a\nb"), "reference"),
        (transaction(entry("tax", 1), entry("platform", -1), kind="Capture"), "kind"),
        (transaction(entry("tax", 1), entry("platform", -1), kind="k" * 41), "kind"),
        (transaction(entry("tax", 1), entry("platform", -1), kind="capture\n"), "kind"),
        (transfer("tax", "merchants:a", 1), "account"),
    ],
)  # fmt: skip
def test_invalid(wrong: LedgerTransaction, field: str) -> None:
    with pytest.raises(LedgerInvalid) as error:
        check_transaction(wrong)
    assert error.value.field == field


def test_the_largest_transaction_is_valid() -> None:
    half = [entry("merchant:" + "m" * 191, AMOUNT_MAX)] * 250
    check_transaction(transaction(*half, *[entry("tax", -AMOUNT_MAX)] * 250, key="k" * 200, reference="r" * 120))


@pytest.mark.parametrize("kind", sorted(ACCOUNT_KINDS))
def test_every_kind_of_account_has_its_form(kind: str) -> None:
    right, wrong = (kind, f"{kind}:a") if kind in WHOLE_SHOP else (f"{kind}:order:1", kind)
    assert checked_account(right) == right
    assert kind_of(right) == kind
    for refused in (wrong, f"{kind}:", f" {right}", right.upper(), f"{right}\n", f"{right}\0", f"x{right}"):
        with pytest.raises(LedgerInvalid):
            checked_account(refused)


def test_a_name_that_is_too_long() -> None:
    assert checked_account("merchant:" + "a" * 191)
    with pytest.raises(LedgerInvalid):
        checked_account("merchant:" + "a" * 192)


def test_sums_by_currency() -> None:
    assert totals([entry("tax", 5), entry("tax", -7, "USD"), entry("platform", -4)]) == {"BRL": 1, "USD": -7}


def test_a_digest_tells_contents_apart_and_not_orders() -> None:
    one, other = entry("clearing:sim", 100), entry("merchant:house", -100)
    known = digest_of(transaction(one, other, key="a"))
    assert known == digest_of(transaction(other, one, key="b"))
    others = [
        transaction(one, other, kind="refund"),
        transaction(one, other, reference="order:2"),
        transaction(entry("clearing:sim", 101), entry("merchant:house", -101)),
        transaction(entry("clearing:sim", 100, "USD"), entry("merchant:house", -100, "USD")),
        transaction(entry("clearing:sim", 100), entry("merchant:garage", -100)),
        transaction(one, one, other, other),
    ]
    assert len({known, *map(digest_of, others)}) == 1 + len(others)


def test_a_batch_is_in_the_order_of_keys_and_has_each_once() -> None:
    b, a, also = (transfer("tax", "platform", 1, key=key) for key in ("b", "a", "é"))
    assert list(checked_batch([b, also, a, b])) == ["a", "b", "é"]
    with pytest.raises(LedgerKeyConflict):
        checked_batch([b, transfer("tax", "platform", 2, key="b")])
    with pytest.raises(LedgerInvalid, match="1000 transactions"):
        checked_batch([transfer("tax", "platform", 1) for _ in range(1001)])
    many = [entry("tax", 1), entry("platform", -1)] * 250
    with pytest.raises(LedgerInvalid, match="10000 entries"):
        checked_batch([transaction(*many) for _ in range(21)])
    assert len(checked_batch([transaction(*many) for _ in range(20)])) == 20


def conversion(received: int, rate: Fraction = Fraction("0.1873")) -> CurrencyConversion:
    return CurrencyConversion(
        key="c", reference="order:1", source="clearing:a", target="clearing:b",
        sold=Money(1999, "BRL"), received=Money(received, "USD"), rate=rate,
    )  # fmt: skip


def test_a_conversion_sums_to_zero_in_both_currencies() -> None:
    made = conversion_transaction(conversion(374))
    assert made.entries == (
        entry("clearing:a", -1999), entry("conversion:BRL-USD", 1999),
        entry("conversion:BRL-USD", -374, "USD"), entry("clearing:b", 374, "USD"),
    )  # fmt: skip
    assert totals(made.entries) == {"BRL": 0, "USD": 0}


@pytest.mark.parametrize(("received", "left"), [(373, 1), (375, -1)])
def test_what_the_rate_says_and_was_not_received_is_rounding(received: int, left: int) -> None:
    made = conversion_transaction(conversion(received))
    assert made.entries[2:] == (
        entry("conversion:BRL-USD", -374, "USD"), entry("clearing:b", received, "USD"), entry("rounding", left, "USD"),
    )  # fmt: skip
    assert totals(made.entries) == {"BRL": 0, "USD": 0}


def test_a_loss_is_no_rounding() -> None:
    for received in (372, 376):
        with pytest.raises(LedgerInvalid, match="no rounding"):
            conversion_transaction(conversion(received))


def test_currencies_with_other_minor_units() -> None:
    assert converted(Money(12_345, "BRL"), "JPY", Fraction("27.5")) == Money(3395, "JPY")  # 3394.875
    assert converted(Money(1000, "JPY"), "KWD", Fraction("0.002")) == Money(2000, "KWD")
    assert converted(Money(25, "BRL"), "USD", Fraction(1, 10)) == Money(2, "USD")  # 2.5, half to even
    for rate in (Fraction(0), Fraction(-1), Fraction(1, 10**9), Fraction(10**18)):
        with pytest.raises(LedgerInvalid):
            converted(Money(100, "BRL"), "USD", rate)


@pytest.mark.parametrize(
    ("sold", "received"),
    [(Money(0, "BRL"), Money(1, "USD")), (Money(5, "BRL"), Money(5, "BRL")), (Money(5, "BRL"), Money(-1, "USD"))],
)
def test_what_is_no_conversion(sold: Money, received: Money) -> None:
    with pytest.raises(LedgerInvalid):
        conversion_transaction(msgspec.structs.replace(conversion(374), sold=sold, received=received))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-11-02", "2026-11-01"), ("2026-02-29", "2026-03-01"), ("2026-1-1", "2026-03-01"), ("1969-12-31", "1970-01-01"),
        ("", "x"), ("20261101", "20261102"), ("2026-11-01T", "2026-11-01"), ("2026-11-01", "2026-11-0\u0662"),
    ],
)  # fmt: skip
def test_what_is_no_period(first: str, last: str) -> None:
    with pytest.raises(LedgerInvalid):
        period_of(first, last)


def test_periods_are_whole_days() -> None:
    assert period_of("1970-01-01", "1970-01-01") == (0, 86_400_000)
    assert period_of("2026-11-01", "2026-11-30") == (1_793_491_200_000, 1_796_083_200_000)


def test_cursors_come_back() -> None:
    assert numbers_of(cursor_of(12, 0), 2) == (12, 0)
    wrong = ["", "1", "1-2-3", "-1-2", "01-2", "1-32768", "9" * 19 + "-1", "1-²", "1 -2", "a-b", "1-2\n", "-" * 30]
    for cursor in wrong:
        with pytest.raises(LedgerInvalid, match=re.escape("was not made by this list")):
            numbers_of(cursor, 2)
