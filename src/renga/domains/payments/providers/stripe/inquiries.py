"""What became of an operation: see ``StripeProvider`` for how it is found."""

from renga.domains.payments.ports.provider import Inquiry, Outcome
from renga.domains.payments.providers.stripe.captures import MARK, capture_mark
from renga.domains.payments.providers.stripe.client import StripeClient, StripeRefused, path_of
from renga.domains.payments.providers.stripe.objects import StripeIntent
from renga.domains.payments.providers.stripe.outcomes import outcome_of_record, outcome_of_refund
from renga.domains.payments.providers.stripe.reading import EXPANDED, complete, read_record, refunds_of
from renga.domains.payments.providers.stripe.records import KEY, MS
from renga.kernel.ids import canonical_uuid

#: Where the request with a key may be, before and after the time in the key: differing clocks; repetitions.
BEFORE_S = 300
AFTER_S = 3600
#: How far we look back for a key that has no time in it.
TIMELESS_S = 24 * 3600
_UUID7 = "7"


async def find(client: StripeClient, inquiry: Inquiry, now_ms: int, *, multicapture: bool) -> Outcome | None:
    """None: Stripe has never seen the key. Raises StripeRefused, StripeUnreached, StripeUnclear."""
    if inquiry.kind == "authorise":
        return await _authorisation(client, inquiry.key, now_ms)
    if inquiry.ref is None:
        return None
    try:
        if inquiry.kind == "refund":
            return await _refund(client, inquiry.ref, inquiry.key)
        intent = await client.get(StripeIntent, path_of("payment_intents", inquiry.ref), expand=EXPANDED)
    except StripeRefused as error:
        if error.status == 404:
            return None
        raise
    if not _did(inquiry, intent, multicapture):
        return None
    return Outcome(kind="accepted", record=await complete(client, intent))


def _did(inquiry: Inquiry, intent: StripeIntent, multicapture: bool) -> bool:
    """Whether a void or a capture took place. A single capture without any mark was made in another way, by hand perhaps."""
    if inquiry.kind == "void":
        return intent.status == "canceled"
    marks = [name for name in intent.metadata or {} if name.startswith(MARK)]
    return capture_mark(inquiry.key) in marks or (not marks and not multicapture and intent.status == "succeeded")


async def _authorisation(client: StripeClient, key: str, now_ms: int) -> Outcome | None:
    first, last = window(key, now_ms)
    created = {"gte": first, "lte": last}
    async for intent in client.each(
        StripeIntent, "/v1/payment_intents", created=created, expand=["data.latest_charge"]
    ):
        if (intent.metadata or {}).get(KEY) == key:
            return outcome_of_record(await complete(client, intent))
    return None


async def _refund(client: StripeClient, ref: str, key: str) -> Outcome | None:
    for refund in await refunds_of(client, ref):
        if (refund.metadata or {}).get(KEY) == key:
            return outcome_of_refund(refund, await read_record(client, ref))
    return None


def window(key: str, now_ms: int) -> tuple[int, int]:
    """The seconds (Unix) between which the object of a key was made."""
    identifier = canonical_uuid(key)
    if identifier is None or identifier[14] != _UUID7:
        return now_ms // MS - TIMELESS_S, now_ms // MS + BEFORE_S
    made_s = int(identifier.replace("-", "")[:12], 16) // MS
    return max(made_s - BEFORE_S, 0), min(made_s + AFTER_S, now_ms // MS + BEFORE_S)
