"""REST: messages of providers, and the list of those that fit nothing."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.payments.contract.errors import (
    PaymentInvalid,
    ProviderNotFound,
    WebhookEventNotFound,
    WebhookInvalid,
    WebhookRefused,
)
from renga.domains.payments.contract.webhooks import (
    WEBHOOKS_PAGE_MAX,
    PaymentOperations,
    WebhookEvent,
    WebhookPage,
    WebhookReceipt,
    WebhookState,
)
from renga.domains.payments.rest.shared import FINANCE, FINANCE_READER, NO_STORE, READ, TAG
from renga.kernel.errors import Invalid, TooLarge, TooManyRequests, Unavailable
from renga.platform.auth.access import PUBLIC
from renga.platform.http.lean import Answer, Call, Operation

_encode = msgspec.json.encode
_PROVIDER_HELP = {"provider": "The name of the provider."}
_EVENT_HELP = _PROVIDER_HELP | {"id": "The provider's id of the event."}


class WebhooksQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of the list of webhook events."""

    state: Annotated[WebhookState | None, Meta(description="Only events in this state.")] = None
    limit: Annotated[
        int, Meta(description=f"Items on the page, from 1 to {WEBHOOKS_PAGE_MAX}.", ge=1, le=WEBHOOKS_PAGE_MAX)
    ] = 50
    cursor: Annotated[
        Annotated[str, Meta(min_length=1)] | None, Meta(description="`next` of the previous page of the same list.")
    ] = None


def headers_of(call: Call) -> dict[str, str]:
    """The headers as text, for a provider's signature, and the query as ``:query``, which no header can be called."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in call.headers.items()}
    return {**headers, ":query": call.query_string.decode("latin-1")}


def operations(payments: PaymentOperations) -> list[Operation]:
    """The operations of ``/v1/webhooks`` and ``/v1/webhook-events``."""

    async def receive(call: Call) -> Answer:
        receipt = await payments.receive(call.parameters["provider"], headers_of(call), call.body)
        return Answer(200, _encode(receipt))

    async def listed(call: Call) -> Answer:
        asked = call.query(WebhooksQuery)
        page = await payments.webhook_events(call.caller, state=asked.state, cursor=asked.cursor, limit=asked.limit)
        return Answer(200, _encode(page), [NO_STORE])

    async def replay(call: Call) -> Answer:
        event = await payments.replay(call.caller, call.parameters["provider"], call.parameters["id"])
        return Answer(200, _encode(event), [NO_STORE])

    return [
        Operation(
            method="POST", path="/v1/webhooks/{provider}", handler=receive, access=PUBLIC, rate="webhooks",
            id="receiveWebhook", summary="Take a message of a payment provider", tag=TAG, answer=WebhookReceipt,
            any_query=True, signed=True, path_help=_PROVIDER_HELP,
            description="For providers. The body is the provider's, signed as the provider does it, with at most 256 KB. "
            "Repeating a message has no second effect.",
            errors=(ProviderNotFound, WebhookRefused, WebhookInvalid, TooLarge, TooManyRequests, Invalid, Unavailable),
        ),
        Operation(
            method="GET", path="/v1/webhook-events", handler=listed, access=FINANCE_READER,
            rate="read", id="listWebhookEvents", summary="Messages of payment providers, newest first", tag=TAG,
            answer=WebhookPage, query=WebhooksQuery, errors=(*READ, PaymentInvalid),
        ),
        Operation(
            method="POST", path="/v1/webhook-events/{provider}/{id}/replay", handler=replay,
            access=FINANCE, rate="write", id="replayWebhookEvent",
            summary="Try a parked message again", tag=TAG, answer=WebhookEvent, path_help=_EVENT_HELP,
            errors=(*READ, WebhookEventNotFound),
        ),
    ]  # fmt: skip
