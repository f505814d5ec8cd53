"""States of orders as data, their picture, order numbers, and parts that add up whatever was bought."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.domains.orders.contract.errors import OrderStateConflict
from renga.domains.orders.contract.orders import FulfilmentState, OrderState
from renga.domains.orders.model.order_numbers import ALPHABET, new_number
from renga.domains.orders.model.order_parts import parts_of, payment_shares
from renga.domains.orders.model.order_states import MOVES, PART_MOVES, diagram, moved, part_moved, together
from renga.domains.orders.model.paying import payment_state_of, standing_of
from renga.domains.payments.contract.payments import PaymentState
from renga.domains.pricing.contract import BuyerQuote, QuoteCharge, QuoteLine
from renga.kernel.money import Money
from tests.orders.shop import Shop

README = Path(__file__).parents[2] / "src" / "renga" / "domains" / "orders" / "README.md"
MERCHANTS = ["house", "pottery", "yarn"]
amounts = st.integers(0, 10**9)


def money(amount: int) -> Money:
    return Money(amount, "BRL")


def line_of(number: int, merchant: str, tax: int, total: int) -> QuoteLine:
    return QuoteLine(
        line=f"l{number}", sku=f"S{number}", title="", quantity=1, asked=1, was=None, now=None, change=None, discounts=(),
        unit_price=money(total), tax=money(min(tax, total)), total=money(total), merchant=merchant,
    )  # fmt: skip


def charge_of(number: int, merchant: str | None, tax: int, total: int) -> QuoteCharge:
    return QuoteCharge(
        id=f"c{number}", title="", price=money(total), tax=money(min(tax, total)), total=money(total), merchant=merchant
    )


lines = st.lists(st.builds(line_of, st.integers(0, 99), st.sampled_from(MERCHANTS), amounts, amounts), max_size=8)
charges = st.lists(
    st.builds(charge_of, st.integers(0, 99), st.sampled_from([*MERCHANTS, None]), amounts, amounts), max_size=4
)


@given(lines, charges, charges, st.integers(-5, 5), st.booleans())
def test_parts_and_shares_add_up_to_the_total(
    sold: list[QuoteLine], deliveries: list[QuoteCharge], surcharges: list[QuoteCharge], rounding: int, included: bool
) -> None:
    total = sum(one.total.amount for one in sold) + sum(one.total.amount for one in (*deliveries, *surcharges))
    due = max(0, total + rounding)
    nothing = money(0)
    quote = BuyerQuote(
        currency="BRL", lines=tuple(sold), totals=(), subtotal=nothing, discounts=nothing, shipping=nothing, tax=nothing,
        surcharge=nothing, total=money(total), tax_included=nothing, rounding=money(due - total), due=money(due),
        consent_required=False, prices_include_tax=included, deliveries=tuple(deliveries), surcharges=tuple(surcharges),
    )  # fmt: skip
    parts = parts_of(quote)
    assert sum(part.total.amount for part in parts) == due
    for part in parts:
        assert part.items + part.shipping == part.total
        assert part.lines == tuple(one.line for one in sold if one.merchant == part.merchant)
    shares = payment_shares(parts)
    for merchant in MERCHANTS:
        own = sum(part.total.amount for part in parts if part.merchant == merchant)
        assert sum(one.amount for one in shares if one.merchant == merchant) == own
    assert all(one.amount > 0 for one in shares)
    assert sum(one.amount for one in shares) <= due or rounding < 0


def test_the_readme_shows_the_moves() -> None:
    assert f"```mermaid\n{diagram()}```" in README.read_text("utf-8")


def test_every_state_is_in_the_moves() -> None:
    states = set(MOVES.values()) | {before for before, _ in MOVES}
    assert states == set(get_args(OrderState))
    parts = set(PART_MOVES.values()) | {before for before, _ in PART_MOVES}
    assert parts == set(get_args(FulfilmentState))


@pytest.mark.parametrize("state", get_args(OrderState))
@pytest.mark.parametrize("what", sorted({what for _, what in MOVES}))
def test_every_other_move_is_refused(state: OrderState, what: str) -> None:
    if (state, what) in MOVES:
        assert moved(state, what) == MOVES[state, what]
        return
    with pytest.raises(OrderStateConflict) as refused:
        moved(state, what)
    assert refused.value.state == state


def test_parts_move_on_their_own() -> None:
    assert part_moved("in_fulfilment", "is sent") == "fulfilled"
    with pytest.raises(OrderStateConflict):
        part_moved("fulfilled", "is cancelled")
    assert together(["unfulfilled", "delivered"]) == "unfulfilled"
    assert together(["fulfilled", "in_fulfilment"]) == "in_fulfilment"
    assert together([]) == "unfulfilled"


@pytest.mark.parametrize("state", get_args(PaymentState))
def test_every_state_of_a_payment_means_something(state: PaymentState) -> None:
    class Told:
        pass

    payment = Told()
    payment.state = state  # type: ignore[attr-defined]
    assert standing_of(payment) in ("paid", "held", "open", "action", "over", "returned")  # type: ignore[arg-type]
    assert payment_state_of(payment) in (  # type: ignore[arg-type]
        "pending", "authorised", "paid", "partly_refunded", "refunded", "failed", "voided",
    )  # fmt: skip
    assert (standing_of(payment) == "over") == (state in ("declined", "expired", "voided"))  # type: ignore[arg-type]


def test_numbers_are_for_people_and_tell_nothing() -> None:
    numbers = {new_number() for _ in range(2_000)}
    assert len(numbers) == 2_000
    for one in numbers:
        assert len(one) == 9
        assert one[4] == "-"
        assert set(one) <= {*ALPHABET, "-"}
    assert not set("ILOU") & set(ALPHABET)


async def test_a_number_that_is_taken_is_not_given_twice(shop: Shop) -> None:
    await shop.stocked("MUG")
    numbers = iter(["AAAA-0000", "AAAA-0000", "AAAA-0000", "BBBB-0000"])
    shop.orders = shop.process(new_number=lambda: next(numbers))
    first, second = await shop.bought({"MUG": 1}), await shop.bought({"MUG": 1})
    assert (first.number, second.number) == ("AAAA-0000", "BBBB-0000")
    told = [event.data["number"] for event in await shop.events() if event.type == "orders.OrderPlaced"]
    assert told == ["AAAA-0000", "BBBB-0000"]
