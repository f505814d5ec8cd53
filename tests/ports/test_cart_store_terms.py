"""What every cart store does with terms, quantity breaks and the bounds of stock."""

from typing import Any

import msgspec
import pytest

from renga.domains.cart import contract
from renga.domains.cart.contract import USUAL_TERMS, CartTerms, PriceMove
from renga.domains.cart.ports import Guard, LinesDiffer, MergeLoad, Rows, TermsChange, TermsDiffer, Whose
from renga.kernel.errors import RengaError
from renga.kernel.money import Money
from tests.cart.support import argument, with_quantity
from tests.ports.cart_stores import Lab

#: 1.00 a piece, 0.80 from 3 on, 0.50 from 6 on.
ROWS: Rows = ((1, 100), (3, 80), (6, 50))
MUG = argument("mug", 2, prices={"BRL": 100, "USD": 7}, breaks={"BRL": ROWS})
TRADE = CartTerms(channel="app", country="BR", region="SP", groups=("staff", "trade"))


def prices(cart: Any) -> dict[str, tuple[int, int]]:
    return {line.line: (line.quantity, line.price) for line in cart.lines}


def brl(line: str, was: int, now: int) -> PriceMove:
    return PriceMove(line=line, was=Money(was, "BRL"), now=Money(now, "BRL"))


async def test_an_add_that_crosses_a_break_moves_the_price_of_all_pieces_and_says_so(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    crossed = await lab.do("add", cart_id, with_quantity(MUG, 1))
    assert crossed.cart is not None
    assert (prices(crossed.cart), crossed.moves) == ({"mug": (3, 80)}, (brl("mug", 100, 80),))
    assert (await lab.events(cart_id))[-1].data["unit_price"] == 80
    within = await lab.do("add", cart_id, with_quantity(MUG, 2))
    assert within.cart is not None
    assert (prices(within.cart), within.moves) == ({"mug": (5, 80)}, ())


async def test_the_first_add_has_the_price_of_its_quantity_and_moves_nothing(lab: Lab) -> None:
    outcome = await lab.do("add", await lab.cart(), with_quantity(MUG, 7))
    assert outcome.cart is not None
    assert (prices(outcome.cart), outcome.moves) == ({"mug": (7, 50)}, ())
    assert outcome.cart.lines[0].rows == ROWS


async def test_the_rows_of_the_first_add_stay(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    dearer = msgspec.structs.replace(MUG, prices={"BRL": 900}, breaks={}, quantity=4)
    outcome = await lab.do("add", cart_id, dearer)
    assert outcome.cart is not None
    assert prices(outcome.cart) == {"mug": (6, 50)}


@pytest.mark.parametrize(
    ("operation", "args", "after", "move"),
    [
        ("set_quantity", ("mug", 6), (6, 50), brl("mug", 100, 50)),
        ("replace", ([with_quantity(MUG, 3)],), (3, 80), brl("mug", 100, 80)),
        ("merge", ("other", MergeLoad(lines=(with_quantity(MUG, 4),), token="t")), (6, 50), brl("mug", 100, 50)),
    ],
)
async def test_every_write_that_changes_a_quantity_follows_the_breaks(
    lab: Lab, operation: str, args: tuple[Any, ...], after: tuple[int, int], move: PriceMove
) -> None:
    outcome = await lab.do(operation, await lab.cart(MUG), *args)
    assert outcome.cart is not None
    assert (prices(outcome.cart), outcome.moves) == ({"mug": after}, (move,))


async def test_what_an_order_leaves_and_what_comes_back_follow_the_breaks_too(lab: Lab) -> None:
    cart_id = await lab.cart(with_quantity(MUG, 8))
    left = await lab.do("complete", cart_id, {"mug": 6})
    assert left.cart is not None
    assert (prices(left.cart), left.moves) == ({"mug": (2, 100)}, (brl("mug", 50, 100),))
    await lab.do("saved", cart_id, "mug", "save")
    await lab.do("add", cart_id, MUG)
    back = await lab.do("saved", cart_id, "mug", "restore")
    assert back.cart is not None
    assert (prices(back.cart), back.moves) == ({"mug": (4, 80)}, (brl("mug", 100, 80),))


async def test_a_replay_repeats_no_move(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    key = {"operation": "k" * 22, "fingerprint": "f" * 8}
    first = await lab.do("set_quantity", cart_id, "mug", 3, **key)
    again = await lab.do("set_quantity", cart_id, "mug", 3, **key)
    assert (first.moves, again.moves, again.replayed, again.version) == (
        (brl("mug", 100, 80),),
        (),
        True,
        first.version,
    )


async def test_a_cart_is_created_with_its_terms_and_a_write_for_others_is_refused_with_the_right_key(lab: Lab) -> None:
    cart_id = lab.new_id()
    created = await lab.store.create(cart_id, "BRL", 60_000, Guard(), TRADE)
    assert created.cart is not None
    assert created.cart.terms == TRADE
    before = await lab.picture(cart_id)
    with pytest.raises(TermsDiffer) as differs:
        await lab.do("add", cart_id, MUG, price_key="web")
    assert differs.value.price_key == "app|staff,trade"
    assert await lab.picture(cart_id) == before
    assert (await lab.do("add", cart_id, MUG, price_key="app|staff,trade")).version == 2


async def test_a_cart_without_terms_has_those_of_a_guest_in_the_usual_channel(lab: Lab) -> None:
    cart_id = await lab.cart()
    assert (await lab.read(cart_id)).terms == USUAL_TERMS
    assert (await lab.do("add", cart_id, MUG, price_key="web")).version == 2


async def test_new_terms_price_every_line_and_saved_line_again_in_one_step(lab: Lab) -> None:
    cart_id = await lab.cart(MUG, argument("bowl", 1), argument("cup", 1))
    await lab.do("saved", cart_id, "cup", "save")
    rows: dict[str, Rows] = {"mug": ((1, 90), (2, 85)), "bowl": ((1, 100),), "cup": ((1, 55),)}
    outcome = await lab.do("set_terms", cart_id, TermsChange(currency="BRL", terms=TRADE, rows=rows))
    cart = await lab.read(cart_id)
    assert outcome.cart == cart
    assert (prices(cart), [x.price for x in cart.saved], cart.terms) == (
        {"mug": (2, 85), "bowl": (1, 100)},
        [55],
        TRADE,
    )
    assert outcome.moves == (brl("mug", 100, 85),)
    event = (await lab.events(cart_id))[-1]
    assert (event.name, event.data["change"], event.sequence) == ("CartUpdated", "terms", cart.version)


async def test_a_new_currency_moves_every_line(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    change = TermsChange(currency="USD", terms=USUAL_TERMS, rows={"mug": ((1, 100),)})
    outcome = await lab.do("set_terms", cart_id, change)
    assert outcome.moves == (PriceMove(line="mug", was=Money(100, "BRL"), now=Money(100, "USD")),)
    assert (await lab.read(cart_id)).currency == "USD"
    added = await lab.do("add", cart_id, MUG)
    assert added.cart is not None
    assert prices(added.cart) == {"mug": (4, 100)}


async def test_terms_that_the_cart_has_change_nothing(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    before = await lab.picture(cart_id)
    change = TermsChange(currency="BRL", terms=USUAL_TERMS, rows={"mug": ((1, 1),)})
    assert (await lab.do("set_terms", cart_id, change)).version == 2
    assert await lab.picture(cart_id) == before


async def test_new_terms_without_the_rows_of_a_line_change_nothing(lab: Lab) -> None:
    cart_id = await lab.cart(MUG, argument("bowl", 1))
    before = await lab.picture(cart_id)
    with pytest.raises(LinesDiffer):
        await lab.do("set_terms", cart_id, TermsChange(currency="BRL", terms=TRADE, rows={"mug": ROWS}))
    assert await lab.picture(cart_id) == before


async def test_a_claim_on_terms_sets_the_owner_once(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    change = TermsChange(currency="BRL", terms=TRADE, rows={"mug": ((1, 60),)}, owner="ana")
    claimed = await lab.do("set_terms", cart_id, change, caller="ana")
    assert claimed.cart is not None
    assert (claimed.cart.owner, claimed.moves) == ("ana", (brl("mug", 100, 60),))
    assert (await lab.events(cart_id))[-1].data["change"] == "claimed"
    before = await lab.picture(cart_id)
    assert (await lab.do("set_terms", cart_id, change, caller="ana")).version == claimed.version
    with pytest.raises(contract.CartNotFound):
        await lab.do("set_terms", cart_id, msgspec.structs.replace(change, owner="bia"), caller="*")
    assert await lab.picture(cart_id) == before


async def test_a_claim_by_the_owner_prices_again_and_is_no_new_claim(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    await lab.do("claim", cart_id, "ana", caller="ana")
    change = TermsChange(currency="BRL", terms=TRADE, rows={"mug": ((1, 60),)}, owner="ana")
    again = await lab.do("set_terms", cart_id, change, caller="ana")
    assert again.cart is not None
    assert (again.cart.owner, again.cart.terms, again.moves) == ("ana", TRADE, (brl("mug", 100, 60),))
    assert (await lab.events(cart_id))[-1].data["change"] == "terms"


async def test_a_change_that_was_made_for_another_owner_or_a_claim_for_other_terms_changes_nothing(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    before = await lab.picture(cart_id)
    plain = TermsChange(currency="BRL", terms=TRADE, rows={"mug": ROWS})
    claim = msgspec.structs.replace(plain, owner="ana")
    for change in (
        msgspec.structs.replace(plain, read=Whose("ana", USUAL_TERMS)),
        msgspec.structs.replace(claim, read=Whose("ana", USUAL_TERMS)),
        msgspec.structs.replace(claim, read=Whose(None, CartTerms(country="BR"))),
        msgspec.structs.replace(claim, currency="USD", read=Whose(None, USUAL_TERMS)),
    ):
        with pytest.raises(LinesDiffer):
            await lab.do("set_terms", cart_id, change, caller="ana")
        assert await lab.picture(cart_id) == before
    await lab.do("set_terms", cart_id, msgspec.structs.replace(plain, read=Whose(None, CartTerms(country="BR"))))
    assert await lab.picture(cart_id) != before


async def test_a_claim_without_groups_refuses_a_cart_of_the_owner_that_has_a_groups_prices(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    await lab.do("set_terms", cart_id, TermsChange(currency="BRL", terms=TRADE, rows={"mug": ROWS}, owner="ana"))
    before = await lab.picture(cart_id)
    with pytest.raises(TermsDiffer):
        await lab.store.claim(cart_id, "ana", Guard(caller="ana"), groupless=True)
    assert (await lab.do("claim", cart_id, "ana", caller="ana")).version == 3
    assert await lab.picture(cart_id) == before


async def test_bytes_are_those_of_the_lines_after_every_pricing(lab: Lab) -> None:
    cart_id = await lab.cart(MUG)
    for rows in (ROWS, ((1, 7),), ((1, 1234567), (5, 2))):
        terms = CartTerms(channel=f"c{len(rows)}{rows[0][1]}")
        await lab.do("set_terms", cart_id, TermsChange(currency="BRL", terms=terms, rows={"mug": rows}))
    await lab.do("remove", cart_id, "mug")
    assert (await lab.store.dump([cart_id]))[cart_id]["bytes"] == "0"


SCARCE = argument("mug", 2, most=3)
REFUSED: dict[str, tuple[str, tuple[Any, ...]]] = {
    "an add of more than there is": ("add", (SCARCE,)),
    "a new line of more than there is": ("add", (argument("cup", 4, most=3),)),
    "a new line of what is sold out": ("add", (argument("cup", 1, most=0),)),
    "replacing by more than there is": ("replace", ([with_quantity(SCARCE, 4)],)),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_more_than_stock_allows_is_refused_and_changes_nothing(lab: Lab, name: str) -> None:
    operation, args = REFUSED[name]
    cart_id = await lab.cart(SCARCE)
    before = await lab.picture(cart_id)
    with pytest.raises(contract.OutOfStock) as refused:
        await lab.do(operation, cart_id, *args)
    assert refused.value.extra["available"] == (0 if "sold out" in name else 3)
    assert await lab.picture(cart_id) == before


async def test_a_quantity_may_go_down_to_more_than_there_is_but_not_up(lab: Lab) -> None:
    cart_id = await lab.cart(argument("mug", 8))
    assert (await lab.store.set_quantity(cart_id, "mug", 6, Guard(), 3)).version == 3
    with pytest.raises(RengaError) as refused:
        await lab.store.set_quantity(cart_id, "mug", 7, Guard(), 3)
    assert (refused.value.code, refused.value.extra["available"]) == ("out_of_stock", 3)


async def test_terms_survive_the_loss_of_the_store(lab: Lab) -> None:
    cart_id = lab.new_id()
    await lab.store.create(cart_id, "BRL", 60_000, Guard(), TRADE)
    await lab.do("add", cart_id, with_quantity(MUG, 3))
    before = await lab.read(cart_id)
    fields = (await lab.store.dump([cart_id]))[cart_id]
    lab.wipe()
    assert await lab.store.restore(cart_id, fields)
    after = await lab.read(cart_id)
    assert (after.terms, prices(after), after.lines[0].rows) == (before.terms, {"mug": (3, 80)}, ROWS)


async def test_an_erased_customer_leaves_no_group_behind_and_the_lines_keep_their_prices(lab: Lab) -> None:
    cart_id = lab.new_id()
    await lab.store.create(cart_id, "BRL", 60_000, Guard(caller="ana"), TRADE)
    await lab.do("add", cart_id, with_quantity(MUG, 3), caller="ana")
    assert await lab.store.erase(cart_id, "ana")
    cart = await lab.read(cart_id)
    assert (cart.owner, cart.terms) == (None, CartTerms(channel="app", country="BR", region="SP"))
    assert prices(cart) == {"mug": (3, 80)}
    assert (await lab.do("add", cart_id, with_quantity(MUG, 1), price_key="app")).version == cart.version + 1
