"""Every POST of the API that changes something takes an Idempotency-Key, and says so."""

from tests.architecture.test_access import MADE

DOCUMENT = MADE.document()


#: Questions with a body: they change nothing, so that a retry needs no key.
QUESTIONS = {"/v1/carts/{cart_id}/estimate", "/v1/promotions/conflicts", "/v1/promotions/dry-run"}


def test_every_post_that_changes_something_documents_the_key_and_its_conflict() -> None:
    posts = {path: item["post"] for path, item in DOCUMENT["paths"].items() if "post" in item and "/v1/" in path}
    assert set(posts) > QUESTIONS
    posts = {path: one for path, one in posts.items() if path not in QUESTIONS}
    assert len(posts) >= 20
    for path, operation in posts.items():
        headers = {one["name"]: one for one in operation["parameters"] if one["in"] == "header"}
        assert headers["Idempotency-Key"]["description"], path
        assert "`idempotency_conflict`" in operation["responses"]["422"]["description"], path
        done = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        assert any("Idempotency-Replayed" in answer.get("headers", {}) for answer in done), path
