"""Commission: which rule counts, what it takes, and that it counts as of the capture."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.domains.payments.contract.commissions import CommissionRule, CommissionTable
from renga.domains.payments.contract.finance_errors import CommissionInvalid, CommissionsMismatch
from renga.domains.payments.contract.payments import Share
from renga.domains.payments.model.commission_rules import CommissionBook, checked_rules
from renga.domains.payments.model.means import StoredShare
from renga.domains.payments.model.shares import Rating, captured, commission_kept, refunded
from renga.kernel.caller import InsufficientScope
from renga.kernel.errors import Unauthenticated
from tests.payments.finance.house import CUSTOMER, FINANCE, OWNER, House, at

EVER = "2020-01-01T00:00:00Z"


def rule(points: int, merchant: str | None = None, category: str | None = None, **more: object) -> CommissionRule:
    return CommissionRule(
        basis_points=points,
        merchant=merchant,
        category=category,
        **{"valid_from": EVER, **more},  # type: ignore[arg-type]
    )


BOOK = CommissionBook(
    [
        rule(1_000),
        rule(900, category="vases"),
        rule(800, "olaria"),
        rule(700, "olaria", "vases", valid_to="2027-03-01T00:00:00Z"),
        rule(600, "olaria", "vases", valid_from="2027-03-01T00:00:00Z"),
        rule(500, "fixed", fixed={"BRL": 40}),
        rule(10_000, "all", fixed={"BRL": 40}),
        rule(1, "gone", valid_to="2021-01-01T00:00:00Z"),
    ]
)


@pytest.mark.parametrize(
    ("share", "day", "commission"),
    [
        (Share(amount=10_000, merchant="x"), "2027-01-01", 1_000),
        (Share(amount=10_000, merchant="x", category="vases"), "2027-01-01", 900),
        (Share(amount=10_000, merchant="olaria", category="cups"), "2027-01-01", 800),
        (Share(amount=10_000, merchant="olaria", category="vases"), "2027-02-28T23:59", 700),
        (Share(amount=10_000, merchant="olaria", category="vases"), "2027-03-01", 600),
        (Share(amount=10_000, merchant="gone"), "2027-03-01", 1_000),
        (Share(amount=10_000, merchant="x"), "2019-12-31", 0),
        (Share(amount=10_000), "2027-01-01", 0),
        (Share(kind="shipping", amount=10_000, merchant="x"), "2027-01-01", 0),
        (Share(kind="tax", amount=10_000, merchant="x"), "2027-01-01", 0),
        (Share(amount=5, merchant="x"), "2027-01-01", 1),  # half a cent is rounded up
        (Share(amount=4, merchant="x"), "2027-01-01", 0),
        (Share(amount=1_000, merchant="fixed"), "2027-01-01", 90),
        (Share(amount=30, merchant="fixed"), "2027-01-01", 30),
        (Share(amount=77, merchant="all"), "2027-01-01", 77),
        (Share(amount=9_007_199_254_740_991, merchant="x"), "2027-01-01", 900_719_925_474_099),
    ],
)
def test_the_most_specific_rule_that_holds_counts(share: Share, day: str, commission: int) -> None:
    assert BOOK.commission_of(share, "BRL", at(day)) == commission


def test_a_fixed_part_is_in_its_currency() -> None:
    assert BOOK.commission_of(Share(amount=1_000, merchant="fixed"), "EUR", at("2027-01-01")) == 50


def test_without_rules_nothing_is_taken() -> None:
    assert CommissionBook().commission_of(Share(amount=1_000, merchant="x"), "BRL", at("2027-01-01")) == 0


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ([rule(1, valid_from="yesterday")], "rules[0].valid_from"),
        ([rule(1, valid_to="2019-01-01T00:00:00Z")], "rules[0].valid_to"),
        ([rule(1, valid_to=EVER)], "rules[0].valid_to"),
        ([rule(1), rule(2)], "rules[1]"),
        ([rule(1, "a"), rule(2, "b"), rule(3, "a", valid_from="2026-01-01T00:00:00Z")], "rules[2]"),
        ([rule(1, "a\0")], "rules[0].merchant"),
        ([rule(1, category="\ud800")], "rules[0].category"),
        ([rule(1, fixed={"XXX": 1})], "rules[0].fixed"),
        ([rule(1, fixed={"BRL": -1})], "rules[0].fixed.BRL"),
        ([rule(1, fixed={"BRL": 2**63})], "rules[0].fixed.BRL"),
    ],
)
async def test_rules_that_make_no_sense_are_refused(house: House, rules: list[CommissionRule], field: str) -> None:
    with pytest.raises(CommissionInvalid) as refused:
        await house.rules(*rules)
    assert refused.value.extra == {"field": field}
    assert await house.finance.commissions(FINANCE) == CommissionTable(rules=())


def test_rules_that_follow_each_other_are_fine() -> None:
    table = CommissionTable(
        rules=(rule(1, valid_to="2026-01-01T00:00:00Z"), rule(2, valid_from="2026-01-01T00:00:00Z"))
    )
    assert checked_rules(table) is table


async def test_tables_have_versions_and_one_of_two_writers_wins(house: House) -> None:
    first = await house.rules(rule(100))
    assert (first.version, first.changed_by, first.changed_at) == (1, "finance-1", "2027-03-01T12:00:00.000Z")
    assert await house.finance.commissions(FINANCE) == first
    with pytest.raises(CommissionsMismatch):
        await house.finance.replace_commissions(FINANCE, CommissionTable(rules=()), expected_version=0)
    outcomes = await asyncio.gather(*(house.rules(rule(points)) for points in range(4)), return_exceptions=True)
    assert {type(one) for one in outcomes} <= {CommissionTable, CommissionsMismatch}
    newest = await house.finance.commissions(FINANCE)
    assert newest.version == 1 + sum(isinstance(one, CommissionTable) for one in outcomes)


async def test_who_reads_and_changes_rules(house: House) -> None:
    for caller in (CUSTOMER, OWNER):
        with pytest.raises(InsufficientScope):
            await house.finance.commissions(caller)
        with pytest.raises(InsufficientScope):
            await house.finance.replace_commissions(caller, CommissionTable(rules=()))
    from renga.kernel.caller import ANONYMOUS

    with pytest.raises(Unauthenticated):
        await house.finance.commissions(ANONYMOUS)


async def test_the_rule_at_the_time_of_the_capture_counts_and_a_refund_gives_back_what_it_took(house: House) -> None:
    await house.rules(rule(1_000))
    ref = await house.authorise("order:1", 10_000, Share(amount=10_000, merchant="olaria"))
    await house.rules(rule(2_000))
    await house.capture(ref, 4_000)
    assert await house.balances() == {"clearing:sim": 4_000, "merchant:olaria": -3_200, "commission": -800}
    await house.rules(rule(500))
    await house.capture(ref, 10_000)  # the other 6000 at 5 %
    assert await house.balances() == {"clearing:sim": 10_000, "merchant:olaria": -8_900, "commission": -1_100}
    await house.rules(rule(9_000))
    await house.refund(ref, 5_000)
    assert await house.balances() == {"clearing:sim": 5_000, "merchant:olaria": -4_450, "commission": -550}
    await house.refund(ref, 10_000)
    assert await house.balances() == {}


async def test_a_fixed_part_is_taken_once_for_all_captures_of_a_share(house: House) -> None:
    await house.rules(rule(0, fixed={"BRL": 40}))
    ref = await house.authorise("order:1", 1_000, Share(amount=1_000, merchant="olaria"))
    for total in (300, 600, 1_000):
        await house.capture(ref, total)
    assert await house.balances() == {"clearing:sim": 1_000, "merchant:olaria": -960, "commission": -40}


@given(
    points=st.integers(0, 10_000),
    fixed=st.integers(0, 500),
    parts=st.lists(st.integers(1, 10**6), min_size=1, max_size=8),
    back=st.lists(st.integers(1, 10**6), max_size=8),
)
def test_no_order_of_captures_and_refunds_makes_or_loses_commission(
    points: int, fixed: int, parts: list[int], back: list[int]
) -> None:
    book = CommissionBook([rule(points, fixed={"BRL": fixed})])
    rating = Rating(book, "BRL", at("2027-01-01"))
    amount = sum(parts)
    shares: tuple[StoredShare, ...] = (StoredShare(kind="sale", amount=amount, merchant="m"),)
    for part in parts:
        shares = captured(shares, [part], rating)
        assert 0 <= commission_kept(shares[0]) <= shares[0].captured
    assert shares[0].commission == book.commission_of(Share(amount=amount, merchant="m"), "BRL", at("2027-01-01"))
    for part in back:
        before = commission_kept(shares[0])
        shares = refunded(shares, [min(part, shares[0].captured - shares[0].refunded)])
        assert 0 <= commission_kept(shares[0]) <= before
    rest = shares[0].captured - shares[0].refunded
    assert commission_kept(refunded(shares, [rest])[0]) == 0
