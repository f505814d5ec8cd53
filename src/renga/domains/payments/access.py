"""Who may do what with which payments. A payment that the caller may not read is "not found"."""

from renga.domains.payments.contract.errors import PaymentNotFound
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS, PAYING, READING_PAYMENTS
from renga.domains.payments.model.means import StoredPayment
from renga.kernel.caller import Caller, InsufficientScope


def payer(caller: Caller) -> str:
    """The owner of new payments. Raises Unauthenticated, InsufficientScope."""
    caller.require(PAYING)
    return caller.identified()


def readable(caller: Caller) -> str | None:
    """Whose payments the caller reads; None: everybody's. Raises Unauthenticated, InsufficientScope."""
    caller.require(READING_PAYMENTS, PAYING, MANAGING_PAYMENTS)
    return None if caller.may(READING_PAYMENTS, MANAGING_PAYMENTS) else caller.identified()


def check_readable(caller: Caller, payment: StoredPayment) -> None:
    """Raises Unauthenticated, InsufficientScope, PaymentNotFound."""
    owner = readable(caller)
    if owner is not None and payment.owner != owner:
        raise PaymentNotFound(f"there is no payment {payment.id!r}")


def may_change_any(caller: Caller) -> None:
    """Before a payment is looked for. Raises Unauthenticated, InsufficientScope."""
    caller.require(PAYING, MANAGING_PAYMENTS)
    caller.identified()


def check_changeable(caller: Caller, payment: StoredPayment) -> None:
    """Own payments with PAYING, every one with MANAGING_PAYMENTS. Raises InsufficientScope, PaymentNotFound."""
    if caller.may(MANAGING_PAYMENTS) or payment.owner == caller.subject:
        return
    check_readable(caller, payment)
    raise InsufficientScope(f"this needs the scope {MANAGING_PAYMENTS}", scope=MANAGING_PAYMENTS)
