"""One function applies every truth about a means: any order, twice, late; the ledger always has the provider's totals."""

import random
from collections import Counter
from itertools import permutations
from typing import Any

import msgspec
import pytest

from renga.domains.payments.contract.commissions import CommissionRule
from renga.domains.payments.contract.ledger import ACCOUNT_KINDS, LedgerTransaction
from renga.domains.payments.contract.payments import BuyerAction, PaymentState, Share
from renga.domains.payments.model.advancing import advance
from renga.domains.payments.model.commission_rules import CommissionBook
from renga.domains.payments.model.means import StoredMeans, StoredPayment
from renga.domains.payments.model.records import ProviderDispute, ProviderRecord, RecordState
from renga.domains.payments.model.shares import commission_kept, stored_shares
from renga.domains.payments.model.states import may_become
from renga.kernel.money import Money

NOW = 1_700_000_000_000
SHARES = stored_shares(
    (Share(amount=333, merchant="a"), Share(amount=333, merchant="b", kind="shipping"), Share(amount=99, kind="tax")),
    1000,
)
RATES = CommissionBook([CommissionRule(basis_points=1_500, valid_from="2020-01-01T00:00:00Z")])
PAYMENT = StoredPayment(
    id="p", key="k", fingerprint="f", reference="order:1", owner="orders", amount=1000, currency="BRL", capture="now",
    state="created", version=0, created_ms=NOW, updated_ms=NOW, shares=SHARES,
)  # fmt: skip
MEANS = StoredMeans(id="m", payment="p", position=0, method="card", provider="sim", amount=1000)


def record(state: RecordState = "authorised", captured: int = 0, refunded: int = 0, **more: Any) -> ProviderRecord:
    return ProviderRecord(ref="r", state=state, amount=Money(1000, "BRL"), captured=captured, refunded=refunded, **more)


class Book:
    """A payment with one means, and the ledger that its records make."""

    def __init__(self, payment: StoredPayment = PAYMENT, means: StoredMeans = MEANS) -> None:
        self.payment, self.means = payment, means
        self.balances = Counter[str]()
        self.keys: set[str] = set()
        self.states: list[PaymentState] = [means.state]
        self.late = 0

    def write(self, transactions: tuple[LedgerTransaction, ...]) -> None:
        for one in transactions:
            assert one.key not in self.keys
            self.keys.add(one.key)
            assert sum(entry.amount for entry in one.entries) == 0
            assert all(entry.amount and entry.currency == "BRL" for entry in one.entries)
            for entry in one.entries:
                assert entry.account.partition(":")[0] in ACCOUNT_KINDS
                self.balances[entry.account] += entry.amount

    def tell(self, *records: ProviderRecord) -> "Book":
        for one in records:
            step = advance(self.payment, self.means, one, NOW, RATES)
            self.payment, self.means = step.payment, step.means
            self.write(step.transactions)
            self.late += step.late
            if self.means.state != self.states[-1]:
                self.states.append(self.means.state)
        return self

    @property
    def told(self) -> dict[str, int]:
        return {account: amount for account, amount in sorted(self.balances.items()) if amount}


def test_a_capture_is_divided_and_commission_is_taken() -> None:
    book = Book().tell(record("captured", 1000))
    assert book.told == {
        "clearing:sim": 1000, "commission": -50, "merchant:a": -283, "merchant:b": -333, "platform": -235, "tax": -99,
    }  # fmt: skip
    assert (book.means.state, book.means.captured, book.means.final) == ("captured", 1000, True)


def test_the_same_record_again_changes_nothing() -> None:
    one = record("captured", 600, 100, disputes=(ProviderDispute(id="d", state="opened", amount=50, reason="fraud"),))
    book = Book().tell(one)
    before = (book.payment, book.means, book.told)
    assert (book.tell(one, one).payment, book.means, book.told) == before


HISTORY = (
    record("action_needed"),
    record("authorised"),
    record("authorised", 300),
    record("authorised", 300, 100),
    record("captured", 1000, 100),
    record("captured", 1000, 450),
    record("captured", 1000, 450, disputes=(ProviderDispute(id="d", state="opened", amount=200, reason="fraud"),)),
    record("captured", 1000, 450, disputes=(ProviderDispute(id="d", state="lost", amount=200, reason="fraud"),)),
)


def test_a_history_in_order() -> None:
    book = Book()
    for one in HISTORY:
        book.tell(one)
    assert book.states == [
        "created", "action_needed", "authorised", "partly_captured", "partly_refunded", "disputed", "lost",
    ]  # fmt: skip
    assert book.told["clearing:sim"] == 1000 - 450 - 200
    assert not {"customer:order:1", "refunds:sim", "disputes:sim"} & set(book.told)


@pytest.mark.parametrize("seed", range(40))
def test_in_any_order_and_twice_the_end_is_the_same(seed: int) -> None:
    chance = random.Random(seed)
    shuffled = [*HISTORY, *chance.sample(HISTORY, 4)]
    chance.shuffle(shuffled)
    book = Book().tell(*shuffled)
    assert (book.means.state, book.means.captured, book.means.refunded) == ("lost", 1000, 450)
    assert book.told["clearing:sim"] == 350
    assert sum(one.captured for one in book.payment.shares) == 1000
    assert sum(one.refunded for one in book.payment.shares) == 650
    assert all(may_become(before, after) for before, after in zip(book.states, book.states[1:], strict=False))


@pytest.mark.parametrize("seed", range(40))
def test_captures_and_refunds_in_random_parts_are_exact(seed: int) -> None:
    """Whatever the parts: the shares have everything when all is captured, and nothing when all is refunded."""
    chance = random.Random(seed)
    amount = chance.randint(1, 5_000)
    cuts = sorted(chance.sample(range(1, amount + 1), min(amount, chance.randint(1, 6))))
    parts = [Share(amount=part, merchant=f"m{n}") for n, part in enumerate(chance.choices(range(1, 50), k=9))]
    while sum(one.amount for one in parts) > amount:
        parts.pop()
    shares = stored_shares(parts, amount)
    payment = msgspec.structs.replace(PAYMENT, amount=amount, shares=shares)
    book = Book(payment, msgspec.structs.replace(MEANS, amount=amount))
    money = Money(amount, "BRL")
    for total in [*cuts, amount]:
        book.tell(msgspec.structs.replace(record("authorised", total), amount=money))
        assert all(0 <= one.captured <= one.amount for one in book.payment.shares)
        assert book.told["clearing:sim"] == total
    assert [one.captured for one in book.payment.shares] == [one.amount for one in shares]
    taken = sum(RATES.commission_of(one, "BRL", NOW) for one in parts)
    assert book.balances["commission"] == -taken == -sum(one.commission for one in book.payment.shares)
    for total in [*cuts, amount]:
        book.tell(msgspec.structs.replace(record("captured", amount, total), amount=money))
        assert all(0 <= one.refunded <= one.captured for one in book.payment.shares)
        assert all(commission_kept(one) >= 0 for one in book.payment.shares)
    assert book.told == {}
    assert book.means.state == "refunded"


@pytest.mark.parametrize("ended", ["declined", "expired", "voided"])
def test_money_after_the_end_is_late(ended: PaymentState) -> None:
    means = msgspec.structs.replace(MEANS, state=ended, provider_ref="r")
    book = Book(PAYMENT, means).tell(record("authorised"), record("captured", 1000))
    assert book.told == {"clearing:sim": 1000, "customer:order:1": -1000}
    assert (book.late, book.means.late, book.means.state, book.means.refundable) == (1000, 1000, "captured", 0)
    # the provider gives it back by itself
    book.tell(record("captured", 1000, 1000))
    assert (book.told, book.means.late, book.means.state) == ({}, 0, "refunded")


def test_money_after_giving_up_is_late() -> None:
    payment = msgspec.structs.replace(PAYMENT, given_up=True)
    book = Book(payment, msgspec.structs.replace(MEANS, state="pending")).tell(record("captured", 1000))
    assert book.told == {"clearing:sim": 1000, "customer:order:1": -1000}


def test_more_than_the_amount_is_late() -> None:
    book = Book().tell(record("captured", 1500))
    assert (book.told["clearing:sim"], book.told["customer:order:1"], book.late) == (1500, -500, 500)
    assert sum(one.captured for one in book.payment.shares) == 1000


def test_an_asked_refund_is_settled_before_an_unasked_one() -> None:
    book = Book().tell(record("captured", 1000))
    before = book.told
    shares = tuple(msgspec.structs.replace(one, refunded=one.refunded + (one.kind == "tax") * 99) for one in SHARES)
    assert shares != SHARES
    book.means = msgspec.structs.replace(book.means, refund_asked=99)
    book.tell(record("captured", 1000, 60))
    assert (book.told["refunds:sim"], book.told["clearing:sim"]) == (60, 940)
    assert {one: book.told[one] for one in before if one != "clearing:sim"} == {
        one: before[one] for one in before if one != "clearing:sim"
    }
    book.tell(record("captured", 1000, 109))
    assert (book.told["refunds:sim"], book.told["clearing:sim"], book.means.refund_asked) == (99, 891, 109)
    assert sum(one.refunded for one in book.payment.shares) == 10


def test_a_dispute_holds_money_back_and_gives_it_again() -> None:
    opened = ProviderDispute(id="d", state="opened", amount=400, reason="fraud")
    won = msgspec.structs.replace(opened, state="won")
    book = Book().tell(record("captured", 1000), record("captured", 1000, disputes=(opened,)))
    assert (book.told["disputes:sim"], book.told["clearing:sim"]) == (400, 600)
    assert (book.means.state, book.means.refundable) == ("disputed", 600)
    book.tell(record("captured", 1000, disputes=(won,)))
    assert (book.means.state, book.told["clearing:sim"], book.means.refundable) == ("won", 1000, 1000)
    # older news
    book.tell(record("captured", 1000, disputes=(opened,)))
    assert book.means.state == "won"
    lost = msgspec.structs.replace(opened, state="lost")
    book.tell(record("captured", 1000, disputes=(lost,)))
    assert (book.means.state, book.told["clearing:sim"], book.told.get("disputes:sim")) == ("lost", 600, None)
    assert sum(one.refunded for one in book.payment.shares) == 400


@pytest.mark.parametrize("order", list(permutations(["opened", "won", "lost"])))
def test_disputes_in_any_order(order: tuple[Any, ...]) -> None:
    book = Book().tell(record("captured", 1000))
    for state in order:
        book.tell(record("captured", 1000, disputes=(ProviderDispute(id="d", state=state, amount=400, reason="x"),)))
    assert (book.means.state, book.told["clearing:sim"]) == ("lost", 600)


def test_a_lost_dispute_of_refunded_money_is_the_shops() -> None:
    lost = ProviderDispute(id="d", state="lost", amount=400, reason="fraud")
    book = Book().tell(record("captured", 1000, 900), record("captured", 1000, 900, disputes=(lost,)))
    assert sum(one.refunded for one in book.payment.shares) == 1000
    assert book.told == {"clearing:sim": -300, "platform": 300}


def test_a_record_of_another_payment_is_not_applied() -> None:
    means = msgspec.structs.replace(MEANS, provider_ref="other")
    step = advance(PAYMENT, means, record("captured", 1000), NOW)
    assert (step.misfit, step.means, step.transactions) == ("other_ref", means, ())
    euros = msgspec.structs.replace(record("captured", 1000), amount=Money(1000, "EUR"))
    assert advance(PAYMENT, MEANS, euros, NOW).misfit == "other_currency"


def test_an_authorisation_of_a_means_that_was_given_up_is_stray() -> None:
    declined = msgspec.structs.replace(MEANS, state="declined")
    step = advance(PAYMENT, declined, record("authorised"), NOW)
    assert (step.means.stray, step.means.state, step.means.provider_ref) == (True, "declined", "r")
    refused = msgspec.structs.replace(declined, provider_ref="r")
    assert not advance(PAYMENT, refused, record("authorised"), NOW).means.stray


@pytest.mark.parametrize("newer", ["pending", "authorised", "refused", "voided", "expired"])
def test_an_older_message_asks_the_buyer_for_nothing(newer: RecordState) -> None:
    asking = record("action_needed", action=BuyerAction(url="https://sim.example/3ds/r"))
    means = advance(PAYMENT, MEANS, asking, NOW).means
    assert means.action == asking.action
    means = advance(PAYMENT, means, record(newer), NOW).means
    assert advance(PAYMENT, means, asking, NOW).means.action is None
