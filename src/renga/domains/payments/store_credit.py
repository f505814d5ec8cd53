"""Use cases: grant store credit, read one's own."""

import msgspec

from renga.domains.payments.contract.events import StoreCreditGranted
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS
from renga.domains.payments.contract.wallets import NewStoreCredit, StoreCredit
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model import postings
from renga.domains.payments.model.checking import check_amount, check_text
from renga.domains.payments.once import once_of
from renga.domains.payments.recording import event_of
from renga.kernel.caller import Caller
from renga.kernel.money import Money, exponent
from renga.kernel.once import Replay

#: Characters of a customer's id.
CUSTOMER_CHARS_MAX = 100


async def grant_store_credit(
    dependencies: PaymentDependencies,
    caller: Caller,
    new: NewStoreCredit,
    key: str | None,
    replay: Replay | None = None,
) -> StoreCredit:
    """Raises PaymentInvalid, UnknownCurrency, IdempotencyConflict, AmountExceeded (with what the customer has)."""
    caller.require(MANAGING_PAYMENTS)
    once = once_of(caller, "store_credit", key, new, replay)
    exponent(new.amount.currency)
    check_amount(new.amount.amount, "amount")
    check_text(new.customer, "customer", CUSTOMER_CHARS_MAX)
    if new.reason:
        check_text(new.reason, "reason")
    now_ms, grant = dependencies.clock.now_ms(), dependencies.new_id()
    fact = StoreCreditGranted(customer_id=new.customer, amount=new.amount.amount, currency=new.amount.currency)
    await dependencies.wallets.grant_store_credit(
        new.customer,
        postings.store_credit_granted(grant, new.customer, new.amount.amount, new.amount.currency),
        event_of(fact, new.customer, now_ms, now_ms=now_ms, new_id=dependencies.new_id),
        once,
        msgspec.json.encode(grant),
        now_ms,
    )
    return await _balances(dependencies, new.customer)


async def read_own_store_credit(dependencies: PaymentDependencies, caller: Caller) -> StoreCredit:
    """Raises Unauthenticated."""
    return await _balances(dependencies, caller.identified())


async def _balances(dependencies: PaymentDependencies, customer: str) -> StoreCredit:
    found = await dependencies.wallets.store_credit(customer)
    return StoreCredit(customer=customer, balances=tuple(Money(left, currency) for currency, left in found.items()))
