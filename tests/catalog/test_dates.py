"""Where a product is sold and what it costs as time passes, decided without a clock: versions, facts and history."""

from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.domains.catalog.contract import (
    ListPrice,
    PricePoint,
    Product,
    Publication,
    ScheduledPrice,
    Variant,
    last_point,
    lowest_price,
)
from renga.domains.catalog.model import Draft, ProductWrite, advance, decide, draft_like, limits, offers_of
from renga.domains.catalog.model.price_history import extended
from renga.domains.catalog.model.publishing import channels_at
from renga.domains.catalog.model.timestamps import days_before, utc_timestamp

NOON = "2026-11-25T12:00:00.000Z"
ONE = "2026-11-25T13:00:00.000Z"
TWO = "2026-11-25T14:00:00.000Z"
THREE = "2026-11-25T15:00:00.000Z"


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"id{next(numbers)}"


def draft(*variants: Variant, **changed: Any) -> Draft:
    return Draft(slug="mug", title={"en": "Mug"}, variants=variants or (mug(),), **changed)


def mug(**changed: Any) -> Variant:
    return Variant(**({"sku": "MUG", "prices": {"BRL": 5990}} | changed))


def made(current: Product | None, wanted: Draft, at: str = NOON) -> ProductWrite:
    change = decide(current, wanted, at=at, new_id=ids())
    assert change is not None
    return change


def facts(change: ProductWrite | None) -> list[str]:
    assert change is not None
    return [event.name for event in change.events]


def prices_told(change: ProductWrite) -> list[tuple[int | None, int | None]]:
    return [(e.data["was"], e.data["amount"]) for e in change.events if e.name == "PriceChanged"]


def offered(product: Product) -> dict[str, dict[str, int]]:
    return {offer.sku: offer.prices for offer in offers_of(product)}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-25T10:00:00-03:00", "2026-11-25T13:00:00.000Z"),
        ("2026-11-25T00:00:00Z", "2026-11-25T00:00:00.000Z"),
        ("2026-11-25T00:00:00.1239Z", "2026-11-25T00:00:00.123Z"),
        ("2026-11-25", "2026-11-25T00:00:00.000Z"),
        ("2026-11-25T00:00:00", None),
        ("2026-W48-3", None),
        ("2026-02-30", None),
        ("0001-01-01T00:00:00+10:00", None),
        ("soon", None),
        ("", None),
        ("2026-11-25T00:00:00Z" + " " * 40, None),
    ],
)
def test_a_moment_is_written_in_utc_with_milliseconds(text: str, moment: str | None) -> None:
    assert utc_timestamp(text) == moment


def test_days_are_counted_back_over_months() -> None:
    assert days_before("2026-03-01T12:00:00.000Z", 31) == "2026-01-29T12:00:00.000Z"


def test_only_an_active_product_is_sold_and_only_where_and_while_it_is_published() -> None:
    both = (Publication(channel="web", from_at=ONE, until_at=TWO), Publication(channel="app"))
    assert channels_at("active", (), NOON) == ("*",)
    assert channels_at("draft", (), NOON) == channels_at("archived", both, NOON) == ()
    assert channels_at("active", both, NOON) == ("app",)
    assert channels_at("active", both, ONE) == ("app", "web")
    assert channels_at("active", both, TWO) == ("app",)
    assert channels_at("active", (*both, Publication(channel="*", from_at=TWO)), TWO) == ("*",)


def test_a_draft_is_sold_nowhere_until_it_is_published() -> None:
    born = made(None, draft(status="draft"))
    assert (born.product.status, born.product.channels, facts(born)) == ("draft", (), ["ProductUpdated"])
    assert offered(born.product) == {}
    published = made(born.product, draft(status="active"), ONE)
    assert published.product.channels == ("*",)
    assert facts(published) == ["ProductPublished", "PriceChanged"]
    assert prices_told(published) == [(None, 5990)]
    assert offered(published.product) == {"MUG": {"BRL": 5990}}
    assert published.product.history == (PricePoint(sku="MUG", currency="BRL", amount=5990, at=ONE),)


def test_an_archived_product_ends_its_prices_and_stays_archived_when_nobody_says_otherwise() -> None:
    born = made(None, draft())
    archived = made(born.product, draft(status="archived"), ONE)
    assert facts(archived) == ["ProductArchived", "PriceChanged"]
    assert prices_told(archived) == [(5990, None)]
    assert (archived.product.channels, offered(archived.product)) == ((), {})
    renamed = made(archived.product, msgspec.structs.replace(draft(), title={"en": "Cup"}), TWO)
    assert (renamed.product.status, facts(renamed)) == ("archived", ["ProductUpdated"])


def test_merchant_and_schedule_stay_when_nobody_names_them() -> None:
    later = ScheduledPrice(sku="MUG", currency="BRL", amount=4990, at=TWO)
    born = made(None, draft(merchant="m1", scheduled=(later,)))
    assert (born.product.merchant, born.product.scheduled, born.product.due_at) == ("m1", (later,), TWO)
    assert decide(born.product, draft(), at=ONE, new_id=ids()) is None
    moved = made(born.product, draft(merchant="m2", scheduled=()), ONE)
    assert (moved.product.merchant, moved.product.scheduled, moved.product.due_at) == ("m2", (), None)


def test_one_more_channel_is_a_publication_and_one_less_is_not() -> None:
    web, app = Publication(channel="web"), Publication(channel="app")
    born = made(None, draft(publications=(web,)))
    both = made(born.product, draft(publications=(web, app)), ONE)
    less = made(both.product, draft(publications=(app,)), TWO)
    assert [facts(change) for change in (born, both, less)] == [
        ["ProductPublished"],
        ["ProductPublished"],
        ["ProductUpdated"],
    ]


def test_a_publication_starts_and_ends_by_itself() -> None:
    born = made(None, draft(publications=(Publication(channel="web", from_at=ONE, until_at=TWO),)))
    assert (born.product.channels, born.product.due_at, facts(born)) == ((), ONE, ["ProductUpdated"])
    assert advance(born.product, now=NOON, new_id=ids()) is None
    begun = advance(born.product, now=ONE, new_id=ids())
    assert begun is not None
    assert (begun.product.version, begun.product.channels, begun.product.due_at) == (2, ("web",), TWO)
    assert facts(begun) == ["ProductPublished", "PriceChanged"]
    ended = advance(begun.product, now=THREE, new_id=ids())
    assert ended is not None
    assert (ended.product.channels, ended.product.due_at, ended.product.updated_at) == ((), None, THREE)
    assert facts(ended) == ["ProductArchived", "PriceChanged"]


def test_a_scheduled_price_becomes_the_plain_one() -> None:
    waiting = (
        ScheduledPrice(sku="MUG", currency="BRL", amount=4990, at=ONE),
        ScheduledPrice(sku="MUG", currency="USD", amount=990, at=TWO),
        ScheduledPrice(sku="gone", currency="USD", amount=1, at=ONE),
    )
    born = made(None, draft(scheduled=waiting))
    change = advance(born.product, now=ONE, new_id=ids())
    assert change is not None
    assert change.product.variants == (mug(prices={"BRL": 4990}),)
    assert (change.product.scheduled, change.product.due_at) == ((waiting[1],), TWO)
    assert (facts(change), prices_told(change)) == (["ProductUpdated", "PriceChanged"], [(5990, 4990)])
    assert change.product.history == (
        PricePoint(sku="MUG", currency="BRL", amount=5990, at=NOON),
        PricePoint(sku="MUG", currency="BRL", amount=4990, at=ONE),
    )


def test_a_scheduled_price_whose_moment_has_passed_is_made_at_once() -> None:
    past = draft(scheduled=(ScheduledPrice(sku="MUG", currency="BRL", amount=1, at=NOON),))
    born = made(None, past)
    assert (born.product.variants[0].prices, born.product.scheduled) == ({"BRL": 1}, ())
    assert decide(born.product, past, at=ONE, new_id=ids()) is None


def test_a_price_that_is_set_after_a_due_change_counts_and_a_new_title_keeps_the_due_change() -> None:
    born = made(None, draft(scheduled=(ScheduledPrice(sku="MUG", currency="BRL", amount=4990, at=ONE),)))
    repriced = made(born.product, draft(mug(prices={"BRL": 7}), scheduled=None), TWO)
    assert (repriced.product.variants[0].prices, repriced.product.scheduled) == ({"BRL": 7}, ())
    language_range = msgspec.structs.replace(draft_like(born.product, TWO), title={"en": "Cup"})
    renamed = made(born.product, language_range, TWO)
    assert (renamed.product.variants[0].prices, renamed.product.title) == ({"BRL": 4990}, {"en": "Cup"})


def test_a_list_price_with_dates_is_what_an_offer_costs_meanwhile() -> None:
    sale = ListPrice(currency="BRL", amount=3990, from_at=ONE, until_at=TWO)
    quiet = (
        ListPrice(currency="BRL", amount=1, group="staff", from_at=NOON, until_at=THREE),
        ListPrice(currency="BRL", amount=2, channel="app", from_at=NOON, until_at=THREE),
        ListPrice(currency="BRL", amount=3, min_quantity=10, from_at=NOON, until_at=THREE),
    )
    born = made(None, draft(mug(price_list=(sale, *quiet))))
    assert (offered(born.product), born.product.due_at) == ({"MUG": {"BRL": 5990}}, ONE)
    begun = advance(born.product, now=ONE, new_id=ids())
    assert begun is not None
    assert (offered(begun.product), begun.product.due_at) == ({"MUG": {"BRL": 3990}}, TWO)
    assert prices_told(begun) == [(5990, 3990)]
    ended = advance(begun.product, now=TWO, new_id=ids())
    assert ended is not None
    assert (offered(ended.product), ended.product.due_at) == ({"MUG": {"BRL": 5990}}, None)
    assert prices_told(ended) == [(3990, 5990)]


def test_a_worker_that_was_away_tells_the_last_price_and_keeps_those_between() -> None:
    born = made(None, draft(mug(price_list=(ListPrice(currency="BRL", amount=3990, from_at=ONE, until_at=TWO),))))
    late = advance(born.product, now=THREE, new_id=ids())
    assert late is not None
    assert (late.product.version, facts(late)) == (2, ["ProductUpdated"])
    assert [(p.amount, p.at) for p in late.product.history] == [(5990, NOON), (3990, ONE), (5990, TWO)]
    since = days_before(THREE, 30)
    assert lowest_price(late.product, "MUG", "BRL", since=since, until=THREE) == 3990
    assert last_point(late.product, "MUG", "BRL") == PricePoint(sku="MUG", currency="BRL", amount=5990, at=TWO)


def test_the_document_of_a_plain_product_holds_nothing_that_is_as_usual() -> None:
    born = made(None, draft())
    renamed = made(born.product, msgspec.structs.replace(draft(), title={"en": "Cup"}), ONE)
    assert (renamed.product.history, renamed.product.due_at) == ((), None)
    assert msgspec.json.decode(msgspec.json.encode(renamed.product)) == {
        "id": "id1",
        "slug": "mug",
        "version": 2,
        "title": {"en": "Cup"},
        "variants": [{"sku": "MUG", "prices": {"BRL": 5990}}],
        "created_at": NOON,
        "updated_at": ONE,
    }


def point(amount: int | None, at: str) -> PricePoint:
    return PricePoint(sku="MUG", currency="BRL", amount=amount, at=at)


def test_history_keeps_31_days_and_the_last_point_before() -> None:
    old = (
        point(3, "2026-09-01T00:00:00.000Z"),
        point(2, "2026-10-01T00:00:00.000Z"),
        point(4, "2026-11-01T00:00:00.000Z"),
    )
    key = ("MUG", "BRL")
    assert extended(old, {key: 4}, {key: 5}, NOON, "then") == (old[1], old[2], point(5, NOON))
    ended = (point(3, "2026-09-01T00:00:00.000Z"), point(None, "2026-09-02T00:00:00.000Z"))
    other = ("CUP", "BRL")
    assert [p.sku for p in extended(ended, {}, {other: 5}, NOON, "then")] == ["CUP"]


def test_a_long_history_loses_its_oldest_points_but_not_its_lowest() -> None:
    key = ("MUG", "BRL")
    history: tuple[PricePoint, ...] = (point(1, "2026-11-20T00:00:00.000Z"),)
    for n in range(limits.HISTORY_POINTS_MAX + 5):
        at = f"2026-11-24T00:{n // 60:02}:{n % 60:02}.000Z"
        history = extended(history, {key: 100 + n - 1 if n else 1}, {key: 100 + n}, at, "then")
    assert len(history) == limits.HISTORY_POINTS_MAX
    assert [p.amount for p in history[:2]] == [1, 106]
    assert history[-1].amount == 100 + limits.HISTORY_POINTS_MAX + 4


_moments = st.sampled_from([NOON, ONE, TWO, THREE])
_publications = st.lists(
    st.builds(
        Publication,
        channel=st.sampled_from(["web", "app"]),
        from_at=st.none() | _moments,
        until_at=st.none() | _moments,
    ),
    max_size=3,
).map(tuple)
_sales = st.lists(
    st.builds(
        ListPrice,
        currency=st.just("BRL"),
        amount=st.integers(1, 9),
        from_at=st.none() | _moments,
        until_at=st.none() | _moments,
    ),
    max_size=3,
).map(tuple)


@given(_publications, _sales, st.integers(1, 9))
def test_step_by_step_or_all_at_once_a_product_ends_the_same(
    publications: tuple[Publication, ...], sales: tuple[ListPrice, ...], later: int
) -> None:
    scheduled = (ScheduledPrice(sku="MUG", currency="BRL", amount=later, at=TWO),)
    language_range = draft(mug(price_list=sales), publications=publications, scheduled=scheduled)
    start = made(None, language_range, "2026-11-25T11:00:00.000Z").product
    slow = start
    for now in (NOON, ONE, TWO, THREE):
        if change := advance(slow, now=now, new_id=ids()):
            slow = change.product
    at_once = advance(start, now=THREE, new_id=ids())
    fast = at_once.product if at_once else start
    assert (fast.channels, fast.variants, fast.due_at, offered(fast)) == (
        slow.channels,
        slow.variants,
        slow.due_at,
        offered(slow),
    )
    assert fast.history == slow.history
