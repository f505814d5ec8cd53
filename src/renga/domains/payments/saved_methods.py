"""Use cases: a customer's saved methods, and payments with them without the customer."""

import msgspec

from renga.domains.payments.contract.errors import ProviderAway, SavedMethodNotFound
from renga.domains.payments.contract.events import PaymentMethodRemoved
from renga.domains.payments.contract.payments import NewMeans, NewPayment, Payment
from renga.domains.payments.contract.wallets import SavedCharge, SavedPaymentMethod
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.means import SavedMethod
from renga.domains.payments.pay import pay
from renga.domains.payments.recording import event_of
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339


async def list_saved(dependencies: PaymentDependencies, caller: Caller) -> tuple[SavedPaymentMethod, ...]:
    """Raises Unauthenticated."""
    return tuple(_view(one) for one in await dependencies.wallets.saved_methods(caller.identified()))


async def remove_saved(dependencies: PaymentDependencies, caller: Caller, identifier: str) -> None:
    """Raises SavedMethodNotFound, ProviderAway."""
    customer = caller.identified()
    saved = await dependencies.wallets.saved_method(customer, identifier)
    if saved is None:
        raise SavedMethodNotFound(f"there is no saved method {identifier[:100]!r}")
    if not await forget(dependencies, saved):
        raise SavedMethodNotFound(f"there is no saved method {identifier[:100]!r}")


async def forget(dependencies: PaymentDependencies, saved: SavedMethod) -> bool:
    """False: it is forgotten already. First at the provider, who forgets a method any number of times. Raises ProviderAway."""
    provider = dependencies.providers.get(saved.provider)
    if provider is None:
        raise ProviderAway(f"this shop does not reach {saved.provider} now")
    await provider.remove_saved(saved.saved_ref)
    now_ms = dependencies.clock.now_ms()
    fact = PaymentMethodRemoved(customer_id=saved.customer, saved_method_id=saved.id)
    event = event_of(fact, saved.id, 2, now_ms=now_ms, new_id=dependencies.new_id)
    return await dependencies.wallets.remove_saved(saved.customer, saved.id, event, now_ms)


async def charge_saved(dependencies: PaymentDependencies, caller: Caller, charge: SavedCharge) -> Payment:
    """A recurring payment. Raises as ``pay``."""
    new = NewPayment(
        key=charge.key,
        reference=charge.reference,
        amount=charge.amount,
        means=(NewMeans(method="card", saved_method=charge.saved_method),),
        capture=charge.capture,
        shares=charge.shares,
        payer=msgspec.structs.replace(charge.payer, customer=charge.customer),
    )
    return await pay(dependencies, caller, new, recurring=True)


def _view(one: SavedMethod) -> SavedPaymentMethod:
    return SavedPaymentMethod(
        id=one.id, method=one.method, provider=one.provider, usage=one.usage, consent=one.consent,
        consented_at=rfc3339(one.consented_ms), card=one.card,
    )  # fmt: skip
