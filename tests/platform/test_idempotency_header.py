"""Every POST of the API takes an Idempotency-Key, and says so."""

from tests.architecture.test_access import MADE

DOCUMENT = MADE.document()


def test_every_post_documents_the_key_and_its_conflict() -> None:
    posts = {path: item["post"] for path, item in DOCUMENT["paths"].items() if "post" in item and "/v1/" in path}
    assert len(posts) >= 20
    for path, operation in posts.items():
        headers = {one["name"]: one for one in operation["parameters"] if one["in"] == "header"}
        assert headers["Idempotency-Key"]["description"], path
        assert "`idempotency_conflict`" in operation["responses"]["422"]["description"], path
        done = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        assert any("Idempotency-Replayed" in answer.get("headers", {}) for answer in done), path
