"""Events of payments, as envelopes."""

import msgspec

from renga.domains.payments.contract.events import AuthorisationEnding, Keeping
from renga.domains.payments.model.means import StoredMeans, StoredPayment
from renga.kernel.clock import rfc3339
from renga.kernel.events import Event
from renga.kernel.facts import Fact
from renga.kernel.ids import IdSource

SOURCE = "renga/payments"


def event_of(fact: Fact, subject: str, sequence: int, *, now_ms: int, new_id: IdSource) -> Event:
    """The fact as an event that happens now; ``sequence`` grows with each event of the subject."""
    return Event(
        id=new_id(), source=SOURCE, type=fact.TYPE, subject=subject, time=rfc3339(now_ms), data=msgspec.to_builtins(fact),
        sequence=sequence,
    )  # fmt: skip


def changed(payment: StoredPayment, now_ms: int, **members: object) -> StoredPayment:
    """The payment at its next version."""
    return msgspec.structs.replace(payment, version=payment.version + 1, updated_ms=now_ms, **members)


def ending_fact(payment: StoredPayment, means: StoredMeans, keeping: Keeping) -> AuthorisationEnding:
    """What is being done about an authorisation that ends soon."""
    return AuthorisationEnding(
        payment_id=payment.id, reference=payment.reference, amount=means.capturable, currency=payment.currency,
        method=means.method, until=rfc3339(means.authorised_until_ms or 0), keeping=keeping,
    )  # fmt: skip
