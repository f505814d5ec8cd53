"""Every POST of the API that changes something takes an Idempotency-Key, and says so."""

from tests.architecture.test_access import MADE

DOCUMENT = MADE.document()


#: Questions with a body: they change nothing, so that a retry needs no key.
QUESTIONS = {"/v1/carts/{cart_id}/estimate", "/v1/promotions/conflicts", "/v1/promotions/dry-run"}
#: What they name has its effect once: a decision, the id of a file or of a provider's event.
ONCE_BY_CONTENT = {
    "/v1/checkouts/{checkout_id}/confirm",
    "/v1/orders/{order_id}/cancel",
    "/v1/payments/{payment_id}/review",
    "/v1/settlements/{provider}",
    "/v1/webhooks/{provider}",
    "/v1/webhook-events/{provider}/{id}/replay",
}


def test_every_post_that_changes_something_documents_the_key_and_its_conflict() -> None:
    posts = {path: item["post"] for path, item in DOCUMENT["paths"].items() if "post" in item and "/v1/" in path}
    assert set(posts) > QUESTIONS | ONCE_BY_CONTENT
    posts = {path: one for path, one in posts.items() if path not in QUESTIONS | ONCE_BY_CONTENT}
    assert len(posts) >= 20
    for path, operation in posts.items():
        headers = {one["name"]: one for one in operation["parameters"] if one["in"] == "header"}
        assert headers["Idempotency-Key"]["description"], path
        assert "`idempotency_conflict`" in operation["responses"]["422"]["description"], path
        done = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        assert any("Idempotency-Replayed" in answer.get("headers", {}) for answer in done), path
