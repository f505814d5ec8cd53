"""What ``make proof-api`` says of itself holds: its stakeholders can exist, and what it leaves out is named with a reason."""

import argparse
import json
import re
from collections import Counter
from pathlib import Path

import httpx
import pytest

from renga.apps.modules import DECLARED
from renga.kernel.errors import Invalid
from renga.platform.http.requests import key_of
from tests import proof_api
from tests.documented import document
from tests.flows.shop import Shop


def operations() -> set[str]:
    return {one["operationId"] for path in document()["paths"].values() for one in path.values()}


def test_stakeholders_have_scopes_that_modules_declare() -> None:
    for one in proof_api.STAKEHOLDERS:
        assert set(one.scope.split()) <= set(DECLARED.scopes), one.name
    assert [one.name for one in proof_api.STAKEHOLDERS] == [
        "guest", "customer", "merchant", "service", "finance", "processor", "admin",
    ]  # fmt: skip


def test_what_is_left_out_exists_and_has_a_reason() -> None:
    assert not set(proof_api.LEFT_OUT) & set(proof_api.CHECKS)
    assert all(proof_api.LEFT_OUT.values())
    names = {one.name for one in proof_api.STAKEHOLDERS} | {"*"}
    assert set(proof_api.NOT_CALLED) <= names
    told = [*proof_api.NOT_CALLED.values(), proof_api.RULES, proof_api.ENDING]
    assert all(reason for reasons in told for reason in reasons.values())
    assert {name for reasons in told for name in reasons} <= operations()


def test_credentials_are_of_a_scheme_that_schemathesis_takes_away() -> None:
    served = document()
    told = proof_api._bearer(served)
    kinds = {one["type"] for one in told["components"]["securitySchemes"].values()}
    assert kinds == {"http", "apiKey"}
    assert told["components"]["securitySchemes"].keys() == served["components"]["securitySchemes"].keys()
    assert told["paths"] == served["paths"]


def test_an_operation_that_was_not_called_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = {"paths": {"/a": {"get": {}}, "/b": {"get": {}, "put": {}}}, "components": {"securitySchemes": {}}}
    said = httpx.Response(200, json=served, request=httpx.Request("GET", "http://shop.test"))
    monkeypatch.setattr(httpx, "get", lambda url: said)
    called = {"": 1, "-end": 1}
    monkeypatch.setattr(proof_api, "_called", lambda *words: proof_api.Found(0, 10, called[words[-1]], Counter[str]()))
    shop, guest = Shop(tmp_path), proof_api.STAKEHOLDERS[0]
    asked = argparse.Namespace(seed=1, examples=1, phases="coverage,stateful")
    assert proof_api._run(shop, guest, tmp_path, asked).failures == {"operations not called": 1}
    called[""] = 2
    assert proof_api._run(shop, guest, tmp_path, asked) == proof_api.Found(0, 20, 3, Counter())


#: Keys of writes, and whether they are taken.
KEYS = (
    *(("k", True), ("0191f2c4-7b1e-7d3a-9c55-2a6f0e1b8c77", True), ("a b", True), ('"k-1"', True), ("~!#", True)),
    *(("k" * 255, True), ("k" * 256, False), ("", False), (" ", False), ('""', False)),
    *(("é", False), ("a\x7f", False), ("a\x01b", False), ("a\u200bb", False), ("a\tb", False)),
)


@pytest.mark.parametrize(("key", "taken"), KEYS)
def test_the_key_of_a_write_is_described_as_it_is_taken(key: str, taken: bool) -> None:
    described = {
        json.dumps(
            {name: value for name, value in one["schema"].items() if name in ("minLength", "maxLength", "pattern")}
        )
        for path in document()["paths"].values()
        for operation in path.values()
        for one in operation.get("parameters", ())
        if one["name"] == "Idempotency-Key"
    }
    (schema,) = (json.loads(one) for one in described)
    fits = schema["minLength"] <= len(key) <= schema["maxLength"] and re.search(schema["pattern"], key) is not None
    assert fits == taken
    if taken:
        assert key_of(key) == key.strip('"')
    else:
        with pytest.raises(Invalid):
            key_of(key)


def test_only_a_star_is_described_for_the_if_none_match_of_a_write() -> None:
    written = [
        one["schema"]
        for path in document()["paths"].values()
        for method, operation in path.items()
        if method != "get"
        for one in operation.get("parameters", ())
        if one["name"] == "If-None-Match"
    ]
    assert len(written) >= 2
    assert all(schema["enum"] == ["*"] and "maxLength" not in schema for schema in written)


def test_every_search_parameter_that_is_bounded_in_the_document_is_bounded_by_search() -> None:
    parameters = document()["paths"]["/v1/search"]["get"]["parameters"]
    schemas = {one["name"]: json.dumps(one["schema"]) for one in parameters}
    assert '"pattern"' in schemas["language"]
    assert '"enum"' in schemas["sort"]
    assert all('"maxLength": 120' in schemas[name] for name in ("channel", "collection"))
