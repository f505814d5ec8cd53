"""Use case: the messages of providers, newest first."""

from renga.domains.payments.contract.errors import PaymentInvalid
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS, READING_PAYMENTS
from renga.domains.payments.contract.webhooks import WEBHOOKS_PAGE_MAX, WebhookEvent, WebhookPage, WebhookState
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.ports.webhooks import StoredWebhook
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339

CURSOR_CHARS_MAX = 400
TIME_DIGITS_MAX = 15


async def list_events(
    dependencies: PaymentDependencies, caller: Caller, *, state: WebhookState | None, cursor: str | None, limit: int
) -> WebhookPage:
    """Raises Unauthenticated, InsufficientScope, PaymentInvalid (cursor, limit), Unavailable."""
    caller.require(READING_PAYMENTS, MANAGING_PAYMENTS)
    if not 1 <= limit <= WEBHOOKS_PAGE_MAX:
        raise PaymentInvalid(f"a page has from 1 to {WEBHOOKS_PAGE_MAX} items", field="limit")
    before = None if cursor is None else _place(cursor)
    found = await dependencies.webhooks.events(state, before, limit + 1)
    page = found[:limit]
    following = _cursor(page[-1]) if len(found) > limit else None
    return WebhookPage(items=tuple(event_view(one) for one in page), next=following)


def event_view(stored: StoredWebhook) -> WebhookEvent:
    return WebhookEvent(
        provider=stored.provider, id=stored.id, state=stored.state, kind=stored.kind, ref=stored.ref,
        received_at=rfc3339(stored.received_ms), tries=stored.tries, reason=stored.reason, payment=stored.payment,
        next_at=None if stored.next_ms is None else rfc3339(stored.next_ms),
    )  # fmt: skip


def _cursor(stored: StoredWebhook) -> str:
    return f"{stored.received_ms}:{stored.provider}:{stored.id}"


def _place(cursor: str) -> tuple[int, str, str]:
    digits, _, rest = cursor.partition(":")
    provider, colon, event_id = rest.partition(":")
    numeric = digits.isascii() and digits.isdigit() and len(digits) <= TIME_DIGITS_MAX
    if not (numeric and colon and len(cursor) <= CURSOR_CHARS_MAX and cursor.isprintable()):
        raise PaymentInvalid("this cursor was not made by this list", field="cursor")
    return int(digits), provider, event_id
