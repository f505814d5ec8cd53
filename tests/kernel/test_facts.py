"""A fact knows its type; an event is read as a fact, strictly in what the fact names and openly in what it does not."""

import pytest

from renga.domains.search.contract.events import MerchandisingChanged
from renga.kernel.events import Event
from renga.kernel.facts import FactInvalid, fact_of


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
