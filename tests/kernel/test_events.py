"""Events on the wire are CloudEvents 1.0 in JSON; they read back as they were, and nothing else is read."""

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.kernel.events import Also, Event, decode, encode, events_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
EVENT = Event(
    id="c:7:ItemAddedToCart",
    source="renga/cart",
    type="cart.ItemAddedToCart",
    subject="c",
    time="2026-11-22T16:00:00.123Z",
    data={"sku": 'aspas " e \\ barra', "quantity": 2},
    sequence=7,
)


@given(
    st.builds(
        Event,
        id=TEXTS,
        source=TEXTS,
        type=TEXTS,
        subject=TEXTS,
        time=TEXTS,
        data=st.dictionaries(TEXTS, JSON, max_size=4),
        sequence=st.integers(0, 2**63 - 1),
        also=st.none() | st.builds(Also, type=TEXTS, suffix=TEXTS, data=st.dictionaries(TEXTS, JSON, max_size=4)),
        datacontenttype=TEXTS,
        dataversion=TEXTS,
    )
)
def test_an_event_reads_back_as_it_was(event: Event) -> None:
    assert decode(encode(event)) == event
    assert decode(encode(event).decode()) == event


def test_the_json_form_has_every_member_that_cloudevents_requires() -> None:
    """CloudEvents 1.0 §3: id, source, specversion and type are non-empty texts; time is RFC 3339; names are [a-z0-9]+."""
    wire: dict[str, Any] = json.loads(encode(EVENT))
    assert wire == {
        "specversion": "1.0",
        "id": "c:7:ItemAddedToCart",
        "source": "renga/cart",
        "type": "cart.ItemAddedToCart",
        "subject": "c",
        "time": "2026-11-22T16:00:00.123Z",
        "datacontenttype": "application/json",
        "dataversion": "1",
        "partitionkey": "c",
        "sequence": "7",
        "data": {"sku": 'aspas " e \\ barra', "quantity": 2},
    }
    assert all(re.fullmatch("[a-z0-9]+", name) for name in wire)


def test_events_of_one_subject_share_its_partition_key() -> None:
    assert json.loads(encode(EVENT))["partitionkey"] == "c"


def test_the_type_is_the_domain_and_the_name() -> None:
    assert (EVENT.domain, EVENT.name) == ("cart", "ItemAddedToCart")


def changed(**members: Any) -> bytes:
    wire = json.loads(encode(EVENT)) | members
    return json.dumps({name: value for name, value in wire.items() if value is not ...}).encode()


BAD = {
    "nothing": b"",
    "no json": b"hello",
    "half of it": encode(EVENT)[:-5],
    "two events": encode(EVENT) * 2,
    "a list": b"[]",
    "null": b"null",
    "not utf-8": b'{"specversion":"1.0","id":"\xff"}',
    "a bomb of brackets": b"[" * 100_000,
    "no id": changed(id=...),
    "no source": changed(source=...),
    "no type": changed(type=...),
    "no specversion": changed(specversion=...),
    "no sequence": changed(sequence=...),
    "a number for an id": changed(id=7),
    "data that is a text": changed(data="x"),
    "another specversion": changed(specversion="0.3"),
    "a sequence that is no number": changed(sequence="seven"),
    "an empty sequence": changed(sequence=""),
    "a negative sequence": changed(sequence="-1"),
    "a sequence with a fraction": changed(sequence="1.5"),
    "a sequence in other digits": changed(sequence="٣"),
    "a sequence of many digits": changed(sequence="9" * 5_000),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_an_event_is_refused_with_one_kind_of_error(name: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(BAD[name])


def test_members_that_we_do_not_know_are_ignored() -> None:
    """CloudEvents 1.0 §3.2: extensions that a consumer does not know must not keep it from reading the event."""
    assert decode(changed(traceparent="00-1-2-00", comment="hi")) == EVENT


UPDATED = Also(type="cart.CartUpdated", suffix="updated", data={"cart_id": "c", "change": "added"})


def test_a_record_that_says_two_events_reads_as_both_in_order_each_with_its_own_id() -> None:
    first, second = events_of(msgspec.structs.replace(EVENT, also=UPDATED, dataversion="3"))
    assert first == msgspec.structs.replace(EVENT, dataversion="3")
    assert second == msgspec.structs.replace(
        EVENT, id="c:7:ItemAddedToCart:updated", type="cart.CartUpdated", data={"cart_id": "c", "change": "added"}
    )
    assert events_of(first) == (first,)


def test_the_second_event_is_an_extension_that_holds_a_text_and_is_left_out_where_there_is_none() -> None:
    body = json.loads(encode(msgspec.structs.replace(EVENT, also=UPDATED)))
    assert json.loads(body["also"]) == {
        "type": "cart.CartUpdated", "suffix": "updated", "data": {"cart_id": "c", "change": "added"},
    }  # fmt: skip
    assert body.keys() - json.loads(encode(EVENT)).keys() == {"also"}


@pytest.mark.parametrize("also", ['"not JSON"', '"{}"', '{"type": "t"}', "7"])
def test_a_second_event_that_cannot_be_read_makes_the_message_unreadable(also: str) -> None:
    body = encode(EVENT)[:-1] + f', "also": {also}}}'.encode()
    with pytest.raises(msgspec.DecodeError):
        decode(body)
