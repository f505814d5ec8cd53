"""A fact knows its type; an event is read as a fact, strictly in what the fact names and openly in what it does not."""

from typing import ClassVar

import pytest

from renga.domains.search.contract.events import MerchandisingChanged
from renga.kernel.events import Also, Event
from renga.kernel.facts import AlsoSays, Fact, FactInvalid, also_of, fact_of


def _event(**data: object) -> Event:
    return Event(
        id="e", source="renga/search", type="search.MerchandisingChanged", subject="pt", time="", data=data, sequence=1
    )


def test_members_that_a_fact_does_not_know_are_passed_over() -> None:
    assert MerchandisingChanged.TYPE == "search.MerchandisingChanged"
    event = _event(language="pt", what="pins", later="more")
    assert fact_of(event, MerchandisingChanged) == MerchandisingChanged(language="pt", what="pins")


def test_a_missing_member_is_a_typed_error() -> None:
    with pytest.raises(FactInvalid, match="what"):
        fact_of(_event(language="pt"), MerchandisingChanged)


class ShopFact(Fact, frozen=True, kw_only=True):
    DOMAIN: ClassVar[str] = "shop"


class DoorMoved(ShopFact, frozen=True, kw_only=True):
    door: str
    move: str


OPENS = AlsoSays(fact=DoorMoved, suffix="moved", constants={"move": "open"})


class DoorOpened(ShopFact, frozen=True, kw_only=True):
    ALSO: ClassVar[AlsoSays | None] = OPENS

    door: str
    key: str


def test_a_fact_also_says_another_one_of_shared_members_and_constants() -> None:
    also = also_of(DoorOpened, {"door": "front", "key": "k"})
    assert also == Also(type="shop.DoorMoved", suffix="moved", data={"door": "front", "move": "open"})
    assert also_of(DoorMoved, {"door": "front", "move": "shut"}) is None


def test_a_fact_says_no_fact_of_another_domain_and_none_that_says_a_third() -> None:
    with pytest.raises(TypeError, match="another domain"):

        class Elsewhere(MerchandisingChanged, frozen=True, kw_only=True):
            ALSO: ClassVar[AlsoSays | None] = OPENS

    again = AlsoSays(fact=DoorOpened, suffix="again")
    with pytest.raises(TypeError, match="yet another"):

        class Chain(ShopFact, frozen=True, kw_only=True):
            ALSO: ClassVar[AlsoSays | None] = again
