"""What ``make proof-api`` says of itself holds: its stakeholders can exist, and what it leaves out is named with a reason."""

import json

from renga.apps.modules import DECLARED
from tests import proof_api
from tests.documented import document


def operations() -> set[str]:
    return {one["operationId"] for path in document()["paths"].values() for one in path.values()}


def test_stakeholders_have_scopes_that_modules_declare() -> None:
    for one in proof_api.STAKEHOLDERS:
        assert set(one.scope.split()) <= set(DECLARED.scopes), one.name
    assert [one.name for one in proof_api.STAKEHOLDERS] == ["guest", "customer", "merchant", "service", "admin"]


def test_what_is_left_out_exists_and_has_a_reason() -> None:
    assert not set(proof_api.LEFT_OUT) & set(proof_api.CHECKS)
    assert all(proof_api.LEFT_OUT.values())
    names = {one.name for one in proof_api.STAKEHOLDERS} | {"*"}
    assert set(proof_api.NOT_CALLED) <= names
    told = [*proof_api.NOT_CALLED.values(), proof_api.RULES]
    assert all(reason for reasons in told for reason in reasons.values())
    assert {name for reasons in told for name in reasons} <= operations()


def test_every_search_parameter_that_is_bounded_in_the_document_is_bounded_by_search() -> None:
    parameters = document()["paths"]["/v1/search"]["get"]["parameters"]
    schemas = {one["name"]: json.dumps(one["schema"]) for one in parameters}
    assert '"pattern"' in schemas["language"]
    assert '"enum"' in schemas["sort"]
    assert all('"maxLength": 120' in schemas[name] for name in ("channel", "collection"))
