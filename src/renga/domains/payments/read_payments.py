"""Use cases: read a payment, the payments of a reference, the QR of a Pix charge."""

from renga.domains.payments import access
from renga.domains.payments.contract.errors import PaymentNotFound
from renga.domains.payments.contract.payments import Payment
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.checking import check_reference
from renga.domains.payments.views import payment_view
from renga.kernel.caller import Caller

#: Payments of one reference that are listed.
PAYMENTS_MAX = 100


async def read_payment(dependencies: PaymentDependencies, caller: Caller, payment_id: str) -> Payment:
    """Raises Unauthenticated, InsufficientScope, PaymentNotFound."""
    access.readable(caller)
    whole = await dependencies.store.payment(payment_id)
    if whole is None:
        raise PaymentNotFound(f"there is no payment {payment_id[:100]!r}")
    access.check_readable(caller, whole.payment)
    return payment_view(whole, dependencies.public_url)


async def list_payments(dependencies: PaymentDependencies, caller: Caller, reference: str) -> tuple[Payment, ...]:
    """Newest first. Raises Unauthenticated, InsufficientScope, PaymentInvalid."""
    owner = access.readable(caller)
    check_reference(reference)
    found = await dependencies.store.payments_of(reference, owner, PAYMENTS_MAX)
    return tuple(payment_view(one, dependencies.public_url) for one in found)


async def pix_payload(dependencies: PaymentDependencies, payment_id: str) -> str:
    """What a Pix picture shows; for whoever knows the payment's unguessable id. Raises PaymentNotFound."""
    whole = await dependencies.store.payment(payment_id)
    charges = [] if whole is None else [one.pix for one in whole.means if one.pix is not None]
    if not charges:
        raise PaymentNotFound(f"there is no Pix payment {payment_id[:100]!r}")
    return charges[0].payload
