"""The AsyncAPI document is valid, tells every fact of every domain with its members, and describes the bus as it is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest
from msgspec import Meta

from renga.apps.modules import DECLARED
from renga.domains.catalog.model import SOURCE as CATALOG
from renga.domains.identity.stores.accounts import SOURCE as IDENTITY
from renga.domains.search.steer import SOURCE as SEARCH
from renga.kernel.events import Also, Event, decode, encode
from renga.kernel.facts import Fact, fact_of
from renga.platform.asyncapi.document import make_document, source_of
from renga.platform.asyncapi.examples import example_of
from tests.platform.asyncapi_tools import document, errors_of_document, errors_of_event

ROOT = Path(__file__).parents[2]
FACTS = DECLARED.events


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from [value] if key == "$ref" else _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_the_document_is_valid_by_the_official_schema() -> None:
    assert errors_of_document(document()) == []


def test_the_official_schema_finds_a_fault() -> None:
    broken = document() | {"channels": {"cart": {"address": 5}}}
    assert errors_of_document(broken) != []


def test_every_reference_resolves() -> None:
    found = set(_references(document()))
    assert len(found) > 40
    for reference in found:
        target: Any = document()
        for step in reference.removeprefix("#/").split("/"):
            assert step in target, reference
            target = target[step]


def test_every_fact_of_every_domain_is_a_message_of_its_domains_channel() -> None:
    folders = {path.parents[1].name for path in (ROOT / "src" / "renga" / "domains").glob("*/contract/events.py")}
    assert folders == {fact.DOMAIN for fact in FACTS} == set(document()["channels"]) >= {"cart", "catalog"}
    assert set(document()["components"]["messages"]) == {fact.TYPE for fact in FACTS}
    for domain, channel in document()["channels"].items():
        own = [fact for fact in FACTS if domain == fact.DOMAIN]
        assert set(channel["messages"]) == {fact.TYPE for fact in own}
        assert channel["parameters"]["event"]["enum"] == [fact.__name__ for fact in own]
        assert len(document()["operations"][f"send.{domain}"]["messages"]) == len(own)


def test_a_channel_says_where_events_are_found_on_each_bus() -> None:
    channel = document()["channels"]["cart"]
    assert channel["address"] == "cart.{event}"
    assert channel["bindings"]["amqp"]["exchange"]["name"] == "renga.events"
    assert channel["x-redis-stream"] == {"key": "bus:{cart}", "field": "event"}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.TYPE)
def test_a_message_says_what_it_means_and_what_each_member_is(fact: type[Fact]) -> None:
    message = document()["components"]["messages"][fact.TYPE]
    assert message["name"] == fact.TYPE
    assert message["title"]
    assert message["contentType"] == "application/cloudevents+json"
    assert re.search(r"\w+", message["summary"])
    assert "``" not in message["description"]
    members = document()["components"]["schemas"][fact.__name__]["properties"]
    assert list(members) == list(fact.__struct_fields__)
    assert [name for name, member in members.items() if not member.get("description")] == []


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.TYPE)
def test_the_example_is_an_event_that_the_schema_and_our_own_reader_take(fact: type[Fact]) -> None:
    (example,) = document()["components"]["messages"][fact.TYPE]["examples"]
    assert errors_of_event(example["payload"], fact.TYPE) == []
    event = decode(json.dumps(example["payload"]))
    assert isinstance(fact_of(event, fact), fact)
    assert json.loads(encode(event)) == example["payload"]


@pytest.mark.parametrize(
    ("change", "member"),
    [({"type": "cart.Other"}, "type"), ({"sequence": "x"}, "sequence"), ({"source": "elsewhere"}, "source"),
     ({"data": {"cart_id": "c"}}, "data"), ({"specversion": "0.3"}, "specversion"),
     ({"datacontenttype": "a"}, "datacontenttype")],
)  # fmt: skip
def test_the_schema_refuses_what_is_no_such_event(change: dict[str, Any], member: str) -> None:
    (example,) = document()["components"]["messages"]["cart.CartCreated"]["examples"]
    errors = errors_of_event(example["payload"] | change, "cart.CartCreated")
    assert errors
    assert all(error.startswith(f"['{member}'") for error in errors)


def test_the_sources_are_those_that_the_domains_write() -> None:
    assert [source_of(name) for name in ("catalog", "identity", "search")] == [CATALOG, IDENTITY, SEARCH]


def test_the_committed_document_is_the_one_that_is_answered() -> None:
    assert json.loads((ROOT / "contracts" / "asyncapi.json").read_text("utf-8")) == document()


class Part(msgspec.Struct, frozen=True):
    name: str
    count: Annotated[int, Meta(ge=10)]


class ThingFact(Fact, frozen=True, kw_only=True):
    DOMAIN: ClassVar[str] = "thing"


class ThingMade(ThingFact, frozen=True, kw_only=True):
    """Made from ``parts``.

    More of it.
    """

    thing_id: str
    parts: tuple[Part, ...]
    by_name: dict[str, float]
    size: Literal["small", "large"]
    note: Annotated[str | None, Meta(examples=["fine"])] = None


def test_any_iterable_of_facts_makes_a_document() -> None:
    made = make_document(iter([ThingMade, ThingMade]), version="9")
    assert errors_of_document(made) == []
    message = made["components"]["messages"]["thing.ThingMade"]
    assert (made["info"]["version"], message["title"]) == ("9", "Thing made")
    assert message["summary"] == "Made from `parts`."
    assert message["description"] == "Made from `parts`.\n\nMore of it."
    assert set(made["components"]["schemas"]) == {"CloudEvent", "Part", "ThingMade"}
    assert message["examples"][0]["payload"]["data"] == {
        "thing_id": "text",
        "parts": [{"name": "text", "count": 10}],
        "by_name": {"text": 0.5},
        "size": "large",
        "note": "fine",
    }


def test_no_facts_are_a_valid_document_too() -> None:
    assert errors_of_document(make_document([], version="1")) == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Annotated[int, Meta(le=-5)], -5),
        (Annotated[int, Meta(gt=7)], 8),
        (Annotated[str, Meta(max_length=2)], "te"),
        (Annotated[str, Meta(min_length=6)], "text.."),
        (Annotated[list[int], Meta(min_length=2)], [1, 1]),
        (bool | None, True),
    ],
)
def test_examples_keep_within_bounds(kind: Any, expected: Any) -> None:
    assert example_of(kind) == expected
    assert msgspec.convert(expected, kind) == expected


def test_a_tuple_of_fixed_length_is_refused() -> None:
    class PairMade(ThingFact, frozen=True, kw_only=True):
        pair: tuple[int, str]

    with pytest.raises(ValueError, match="tuples of fixed length"):
        make_document([PairMade], version="1")


def test_an_events_envelope_is_the_one_that_is_described() -> None:
    event = Event(id="i", source="s", type="a.B", subject="c", time="t", data={}, sequence=1)
    described = document()["components"]["schemas"]["CloudEvent"]
    assert set(json.loads(encode(event))) == set(described["required"])
    second = msgspec.structs.replace(event, also=Also(type="a.C", suffix="c", data={}))
    assert set(json.loads(encode(second))) == set(described["properties"])
