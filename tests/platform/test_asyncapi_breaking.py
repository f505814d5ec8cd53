"""A change of the events that breaks listeners is refused, with one line for each break; what breaks nobody passes."""

import copy
import json
from collections.abc import Callable
from enum import Enum
from functools import cache
from pathlib import Path
from types import GenericAlias
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest
from msgspec import Meta, defstruct

from renga.apps.app import Application
from renga.apps.commands import contracts
from renga.apps.commands.contracts import ContractBroken, generate
from renga.kernel.facts import Fact
from renga.platform.asyncapi.breaking import breaking_changes
from renga.platform.asyncapi.document import make_document
from tests.platform.asyncapi_tools import document


class ThingFact(Fact, frozen=True, kw_only=True):
    DOMAIN: ClassVar[str] = "thing"


class Size(Enum):
    SMALL = "small"


def made(*members: Any, name: str = "ThingMade") -> dict[str, Any]:
    """The document of one fact with these members."""
    fact: Any = defstruct(name, members, bases=(ThingFact,), frozen=True, kw_only=True)
    return make_document([fact], version="1")


def part(*members: Any) -> Any:
    return defstruct("Part", members, frozen=True)


def many(kind: Any) -> Any:
    return GenericAlias(list, (kind,))


KEPT = ("thing_id", str)
SMALL, LARGE = Literal["small"], Literal["small", "large"]


@pytest.mark.parametrize(
    ("was", "now", "line"),
    [
        (("n", int), None, "data.n was removed"),
        (("n", int), ("n", str), "data.n was integer, is string"),
        (("n", int), ("n", int | None), "data.n may be null now"),
        (("n", int), ("n", int | str), "data.n may be string now"),
        (("n", int), ("n", float), "data.n was integer, is number"),
        (("n", int), ("n", Any), "data.n was integer, is anything"),
        (("n", int), ("n", int, 5), "data.n may be missing now"),
        (("n", SMALL), ("n", LARGE), "data.n may be 'large' now"),
        (("n", Size), ("n", LARGE), "data.n may be 'large' now"),
        (("n", LARGE), ("n", str), "data.n was one of ['large', 'small'], may be anything now"),
        (("n", list[int]), ("n", list[str]), "data.n[] was integer, is string"),
        (("n", list[int]), ("n", list[int | None]), "data.n[] may be null now"),
        (("n", dict[str, int]), ("n", dict[str, str]), "data.n.* was integer, is string"),
        (("n", part(("a", int))), ("n", part(("b", int))), "data.n.a was removed"),
        (("n", part(("a", int)) | None), ("n", part(("a", str)) | None), "data.n.a was integer, is string"),
        (("n", many(part(("a", int)))), ("n", many(part(("a", int, 1)))), "data.n[].a may be missing now"),
        (("n", Annotated[int, Meta(ge=1)]), ("n", int), "data.n: minimum was 1, is gone"),
        (("n", Annotated[int, Meta(le=9)]), ("n", Annotated[int, Meta(le=10)]), "data.n: maximum was 9, is 10"),
        (("n", Annotated[str, Meta(pattern="^a$")]), ("n", str), "data.n: pattern was ^a$, is gone"),
    ],
)  # fmt: skip
def test_what_breaks_a_listener_is_named(was: Any, now: Any, line: str) -> None:
    ours = made(KEPT, now) if now else made(KEPT)
    assert breaking_changes(made(KEPT, was), ours) == [f"thing.ThingMade: {line}"]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (("n", int | None), ("n", int)),
        (("n", int, 5), ("n", int)),
        (("n", float), ("n", int)),
        (("n", Any), ("n", int)),
        (("n", str), ("n", LARGE)),
        (("n", LARGE), ("n", SMALL)),
        (("n", int | str | None), ("n", str | None)),
        (("n", list[int | None]), ("n", list[int])),
        (("n", part(("a", int))), ("n", part(("a", int), ("b", int)))),
        (("n", int), ("n", Annotated[int, Meta(ge=1)])),
        (("n", Annotated[int, Meta(ge=1)]), ("n", Annotated[int, Meta(ge=2, description="Other words.")])),
        (None, ("n", int)),
    ],
)  # fmt: skip
def test_what_a_listener_can_still_read_passes(was: Any, now: Any) -> None:
    released = made(KEPT, was) if was else made(KEPT)
    assert breaking_changes(released, made(KEPT, now)) == []


class Node(msgspec.Struct, frozen=True):
    name: str
    below: "list[Node]" = []


def test_a_schema_that_holds_itself_is_compared_once() -> None:
    tree = made(KEPT, ("tree", Node))
    assert breaking_changes(tree, tree) == []


def _without_event(d: dict[str, Any]) -> None:
    del d["components"]["messages"]["cart.CartExpired"]


def _without_channel(d: dict[str, Any]) -> None:
    del d["channels"]["search"]


def _other_exchange(d: dict[str, Any]) -> None:
    d["channels"]["cart"]["bindings"]["amqp"]["exchange"]["name"] = "other"


def _other_stream(d: dict[str, Any]) -> None:
    d["channels"]["cart"]["x-redis-stream"]["key"] = "other"


def _other_address(d: dict[str, Any]) -> None:
    d["channels"]["cart"]["address"] = "basket.{event}"


def _other_content(d: dict[str, Any]) -> None:
    d["components"]["messages"]["cart.CartExpired"]["contentType"] = "application/json"


def _other_version(d: dict[str, Any]) -> None:
    d["components"]["messages"]["cart.CartExpired"]["payload"]["allOf"][1]["properties"]["dataversion"]["const"] = "2"


def _poorer_envelope(d: dict[str, Any]) -> None:
    del d["components"]["schemas"]["CloudEvent"]["properties"]["partitionkey"]
    messages = d["components"]["messages"]
    d["components"]["messages"] = {"cart.CartExpired": messages["cart.CartExpired"]}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (_without_event, "cart.CartExpired was removed"),
        (_without_channel, "channel search was removed"),
        (_other_exchange, "channel cart: the exchange of RabbitMQ was"),
        (_other_stream, "channel cart: the stream of Redis was"),
        (_other_address, "channel cart: the address was cart.{event}, is basket.{event}"),
        (_other_content, "cart.CartExpired: the content type was application/cloudevents+json, is application/json"),
        (_other_version, "cart.CartExpired: dataversion may be '2' now"),
        (_poorer_envelope, "cart.CartExpired: partitionkey was removed"),
    ],
)
def test_events_channels_and_envelopes_are_kept(change: Callable[[dict[str, Any]], None], line: str) -> None:
    ours = copy.deepcopy(document())
    change(ours)
    found = breaking_changes(document(), ours)
    assert [one for one in found if one.startswith(line)] != []
    assert all(one.startswith(line) or one.endswith(" was removed") for one in found)
    assert breaking_changes(document(), document()) == []


def test_contracts_refuse_breaking_events_line_by_line_unless_it_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the other documents take seconds to make and are not what this is about
    monkeypatch.setattr(contracts, "described", cache(contracts.described))
    monkeypatch.setattr(Application, "document", lambda api: {})
    folder = tmp_path / "contracts"
    generate(folder, check=False)
    released = folder / "released" / "asyncapi.json"
    before = json.loads(released.read_text("utf-8"))
    before["components"]["messages"]["cart.CartSold"] = before["components"]["messages"]["cart.CartExpired"]
    before["components"]["schemas"]["CartMerged"]["properties"]["more"] = {"type": "string"}
    released.write_text(json.dumps(before), "utf-8")
    for check in (True, False):
        with pytest.raises(ContractBroken) as refused:
            generate(folder, check=check)
        lines = [line.partition("asyncapi.json: ")[2] for line in refused.value.detail.splitlines()]
        assert sorted(filter(None, lines)) == ["cart.CartMerged: data.more was removed", "cart.CartSold was removed"]
        assert json.loads(released.read_text("utf-8")) == before
    generate(folder, check=False, breaking=True)
    assert released.read_bytes() == (folder / "asyncapi.json").read_bytes()
    generate(folder, check=True)
