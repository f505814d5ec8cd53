"""Two carts are merged in steps that may be repeated and interrupted by a crash; texts of every kind survive."""

import json
from typing import Any

import pytest

from renga.domains.cart import contract
from renga.domains.cart.ports import CartLimits, Guard, LineArgument, MergeLoad, StoredCart, WriteOutcome
from tests.cart.support import argument
from tests.engines.registry import Registry
from tests.ports.cart_stores import Lab, Opener


def load_of(source: StoredCart) -> MergeLoad:
    """What the use case brings from a source in the target's currency."""

    def own(lines: Any) -> tuple[LineArgument, ...]:
        return tuple(
            argument(x.line, x.quantity, sku=x.sku, title=x.title, options=x.options, prices={}, own_rows=x.rows)
            for x in lines
        )

    return MergeLoad(lines=own(source.lines), saved=own(source.saved), coupons=source.coupons)


async def merge(lab: Lab, target: str, source: str, *, end: bool = True) -> WriteOutcome:
    frozen = await lab.store.begin_merge(source, target, "")
    assert frozen is not None
    outcome = await lab.store.merge(target, source, load_of(frozen), Guard())
    if end:
        await lab.store.end_merge(source, target, done=True)
    return outcome


async def test_a_merge_sums_quantities_up_to_the_limit_and_keeps_the_prices_of_each(lab: Lab) -> None:
    target = await lab.cart(argument("mug", 6))
    source = await lab.cart(argument("mug", 5, prices={"BRL": 90}), argument("cup", 1, prices={"BRL": 70}))
    await lab.do("saved", source, "cup", "save")
    await lab.do("add", source, argument("bowl", 2, prices={"BRL": 80}))
    for cart_id, code in ((target, "A"), (source, "A"), (source, "B")):
        await lab.do("coupon", cart_id, code, "apply")
    outcome = await merge(lab, target, source)
    assert (outcome.version, outcome.replayed) == (4, False)
    cart = await lab.read(target)
    assert [(x.line, x.quantity, x.price) for x in cart.lines] == [("mug", 9, 100), ("bowl", 2, 80)]
    assert [(x.line, x.quantity, x.price) for x in cart.saved] == [("cup", 1, 70)]
    assert (cart.coupons, cart.state) == (("A", "B"), "open")
    gone = await lab.read(source)
    assert (gone.state, gone.into, gone.lines) == ("merged", target, ())
    merged = (await lab.events(target))[-1]
    assert (merged.name, merged.data) == ("CartMerged", {"cart_id": target, "version": 4, "source_id": source})


async def test_a_merge_done_twice_is_done_once(lab: Lab) -> None:
    target, source = await lab.cart(), await lab.cart(argument("mug", 2))
    await merge(lab, target, source, end=False)
    frozen = await lab.store.begin_merge(source, target, "")
    assert frozen is not None
    again = await lab.store.merge(target, source, load_of(frozen), Guard())
    assert (again.version, again.replayed) == (2, True)
    await lab.store.end_merge(source, target, done=True)
    before = await lab.picture(target, source)
    await lab.store.end_merge(source, target, done=True)
    assert await lab.store.begin_merge(source, target, "") is None
    assert await lab.picture(target, source) == before
    assert [(x.line, x.quantity) for x in (await lab.read(target)).lines] == [("mug", 2)]
    assert (await lab.names(target)).count("CartMerged") == 1


async def test_a_frozen_source_takes_no_write_and_no_other_merge(lab: Lab) -> None:
    target, source, third = await lab.cart(), await lab.cart(argument("mug", 2)), await lab.cart()
    await lab.store.begin_merge(source, target, "")
    before = await lab.picture(target, source, third)
    with pytest.raises(contract.CartBusy) as busy:
        await lab.do("add", source, argument("mug"))
    assert busy.value.extra == {"into": target}
    with pytest.raises(contract.CartBusy):
        await lab.store.begin_merge(source, third, "")
    assert await lab.picture(target, source, third) == before


async def test_a_merged_cart_is_gone_for_good(lab: Lab) -> None:
    target, source, third = await lab.cart(), await lab.cart(argument("mug", 2)), await lab.cart()
    await merge(lab, target, source)
    before = await lab.picture(target, source, third)
    with pytest.raises(contract.CartMergedAway):
        await lab.do("add", source, argument("mug"))
    with pytest.raises(contract.CartMergedAway):
        await lab.store.begin_merge(source, third, "")
    lab.clock.advance(seconds=3_600)
    assert (await lab.sweep())[0] == 2  # the target and the third: the source is not one that expires
    assert (await lab.store.dump([source]))[source] == before[0][source]


REFUSING: dict[str, tuple[list[str], dict[str, int], str]] = {
    "a full cart": (["a", "b", "c"], {"BRL": 100}, "line_limit"),
    "a cart of another currency": ([], {}, "currency_unavailable"),
}


@pytest.mark.parametrize("name", REFUSING)
async def test_a_target_that_refuses_is_as_it_was_and_the_source_thaws(lab: Lab, name: str) -> None:
    lines, prices, code = REFUSING[name]
    target = await lab.cart(*(argument(line) for line in lines))
    source = await lab.cart(argument("x", 2))
    before = await lab.picture(target, source)
    frozen = await lab.store.begin_merge(source, target, "")
    assert frozen is not None
    load = MergeLoad(lines=(argument("x", 2, prices=prices),))
    with pytest.raises((contract.LineLimit, contract.CurrencyUnavailable)) as refused:
        await lab.store.merge(target, source, load, Guard())
    assert refused.value.code == code
    await lab.store.end_merge(source, target, done=False)
    assert await lab.picture(target, source) == before
    assert (await lab.do("add", source, argument("x", 1))).version == 3


async def test_a_merge_that_nobody_finished_is_shown_to_the_sweeper_until_someone_does(lab: Lab) -> None:
    target, source = await lab.cart(), await lab.cart(argument("mug", 2))
    await lab.store.begin_merge(source, target, "")
    lab.clock.advance(ms=lab.limits.merge_retry_ms)
    swept = [await lab.store.sweep(shard, 10) for shard in range(lab.store.shards)]
    pending = [(one.source_id, one.target_id) for sweep in swept for one in sweep.merging]
    assert pending == [(source, target)]
    await merge(lab, target, source)
    lab.clock.advance(ms=lab.limits.merge_retry_ms)
    swept = [await lab.store.sweep(shard, 10) for shard in range(lab.store.shards)]
    assert [one for sweep in swept for one in sweep.merging] == []


async def test_only_the_owner_and_a_service_merge_an_owned_source(lab: Lab) -> None:
    target, source = await lab.cart(), await lab.cart(argument("mug", 2))
    await lab.do("claim", source, "ana", caller="ana")
    before = await lab.picture(target, source)
    for caller in ("", "bia"):
        with pytest.raises(contract.CartNotFound):
            await lab.store.begin_merge(source, target, caller)
    assert await lab.picture(target, source) == before
    assert await lab.store.begin_merge(source, target, "ana") is not None
    assert await lab.store.begin_merge(source, target, "*") is not None


async def test_what_is_over_or_not_there_cannot_be_merged(lab: Lab) -> None:
    target = await lab.cart(life_ms=600_000)
    done, late = await lab.cart(argument("mug", 2)), await lab.cart(argument("mug"), life_ms=1_000)
    await lab.do("complete", done, {"mug": 2})
    lab.clock.advance(seconds=1)
    before = await lab.picture(target, done, late)
    with pytest.raises(contract.CartAlreadyCompleted):
        await lab.store.begin_merge(done, target, "")
    with pytest.raises(contract.CartHasExpired):
        await lab.store.begin_merge(late, target, "")
    with pytest.raises(contract.CartNotFound):
        await lab.store.begin_merge(lab.new_id(), target, "")
    assert await lab.picture(target, done, late) == before


TEXTS = {
    "quotes": "a \"quoted\" 'text'",
    "backslashes": "C:\\new\\table\\",
    "a backslash before a quote": '\\"',
    "json": '{"s":"x","t":[1]}',
    "unicode": "Café ☕ 日本 🎁 \u00a0é",
    "lua's pattern characters": "%d+ ^$()[]*.?-",
    "blanks at both ends": "  x  ",
    "commas and newlines": "a,b\nc\td",
    "script": "</script><!--&amp;",
}


@pytest.mark.parametrize("name", TEXTS)
async def test_texts_of_every_kind_survive_and_events_are_valid_json(lab: Lab, name: str) -> None:
    text = TEXTS[name]
    line = argument("line", 2, sku=text, title=text, options={text: text})
    cart_id = await lab.cart(line)
    await lab.do("set_quantity", cart_id, "line", 3)
    await lab.do("saved", cart_id, "line", "save")
    await lab.do("saved", cart_id, "line", "restore")
    await lab.do("note", cart_id, text)
    (stored,) = (await lab.read(cart_id)).lines
    assert (stored.sku, stored.title, stored.options, stored.quantity) == (text, text, {text: text}, 3)
    await lab.do("remove", cart_id, "line")
    events = await lab.events(cart_id)
    assert [e.data["sku"] for e in events if "sku" in e.data] == [text, text]
    assert all(json.loads(json.dumps(event.data)) == event.data for event in events)


async def test_a_cart_of_a_hundred_lines_with_long_titles_is_added_replaced_merged_and_restored(
    cart_store: Opener, engines: Registry, request: pytest.FixtureRequest
) -> None:
    async with cart_store(engines, request.node.nodeid, CartLimits(), None) as lab:
        lines = [argument(f"line-{n:03d}", n + 1, title=f"{n} " + "ç" * 250) for n in range(100)]
        expected = [(x.line, x.quantity, x.title) for x in lines]
        source = await lab.cart(*lines)
        target = await lab.cart(lines[0])
        assert (await merge(lab, target, source)).version == 3
        assert [(x.line, x.title) for x in (await lab.read(target)).lines] == [(x[0], x[2]) for x in expected]
        replaced = await lab.do("replace", target, lines)
        assert [(x.line, x.quantity, x.title) for x in replaced.cart.lines] == expected  # type: ignore[union-attr]
        fields = (await lab.store.dump([target]))[target]
        lab.wipe()
        assert await lab.store.restore(target, fields) is True
        assert [(x.line, x.quantity, x.title) for x in (await lab.read(target)).lines] == expected
        done = await lab.do("complete", target, {x.line: x.quantity for x in lines})
        assert done.cart is not None
        assert (done.cart.state, done.cart.lines) == ("completed", ())
