"""The means of a new payment, as they are stored: each with its provider and what its authorisation needs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from renga.domains.payments.contract.errors import MethodUnavailable, PaymentInvalid, SavedMethodNotFound
from renga.domains.payments.contract.payments import INTERNAL_METHODS, NewMeans
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.checking import due_date
from renga.domains.payments.model.means import INTERNAL, OperationRequest, SavedMethod, StoredMeans, StoredPayment
from renga.domains.payments.offering import instalment_plans, provider_of
from renga.domains.payments.ports.provider import PaymentProvider
from renga.kernel.clock import DAY_MS, to_datetime
from renga.kernel.money import Money

#: How long a buyer has for a challenge.
CHALLENGE_LIFE_MS = 3_600_000
#: A boleto that was paid on its last day is heard of some working days later.
BOLETO_GRACE_DAYS = 3


async def stored_means(
    dependencies: PaymentDependencies, payment: StoredPayment, wanted: Sequence[NewMeans], *, recurring: bool
) -> list[StoredMeans]:
    """In order. Raises MethodUnavailable, SavedMethodNotFound, PaymentInvalid."""
    return [await _one(dependencies, payment, one, place, recurring=recurring) for place, one in enumerate(wanted)]


async def _one(
    dependencies: PaymentDependencies, payment: StoredPayment, new: NewMeans, place: int, *, recurring: bool
) -> StoredMeans:
    identifier, amount = dependencies.new_id(), new.amount or 0
    if new.method in INTERNAL_METHODS:
        account = payment.customer if new.method == "store_credit" else None
        return StoredMeans(
            id=identifier, payment=payment.id, position=place, method=new.method, provider=INTERNAL, amount=amount,
            account=account,
        )  # fmt: skip
    saved = await _saved(dependencies, payment, new, recurring=recurring)
    provider = _provider(dependencies, payment, new, saved)
    expires_in_s, due_on, expires_ms = _terms(dependencies, new, payment.created_ms)
    wanted = OperationRequest(
        token=new.token, saved_ref=None if saved is None else saved.saved_ref, save=new.save, recurring=recurring,
        expires_in_s=expires_in_s, due_on=due_on,
    )  # fmt: skip
    return StoredMeans(
        id=identifier, payment=payment.id, position=place, method=new.method, provider=provider.name, amount=amount,
        expires_ms=expires_ms, instalments=new.instalments, saved_method=None if saved is None else saved.id,
        save=new.save, consent=new.consent, usage=new.usage, wanted=wanted,
    )  # fmt: skip


async def _saved(
    dependencies: PaymentDependencies, payment: StoredPayment, new: NewMeans, *, recurring: bool
) -> SavedMethod | None:
    if new.saved_method is None or payment.customer is None:
        return None
    saved = await dependencies.wallets.saved_method(payment.customer, new.saved_method)
    if saved is None:
        raise SavedMethodNotFound(f"there is no saved method {new.saved_method[:100]!r}")
    if recurring and saved.usage != "recurring":
        raise PaymentInvalid("the customer did not consent to recurring payments", field="saved_method")
    return saved


def _provider(
    dependencies: PaymentDependencies, payment: StoredPayment, new: NewMeans, saved: SavedMethod | None
) -> PaymentProvider:
    amount, country = Money(new.amount or 0, payment.currency), payment.payer.country
    provider = provider_of(dependencies, new.method, amount, country)
    if saved is not None:
        provider = dependencies.providers.get(saved.provider)
    if provider is None:
        raise MethodUnavailable(f"{new.method} is not offered for this amount")
    capabilities = provider.capabilities.methods[new.method]
    if new.save and not capabilities.saved:
        raise MethodUnavailable(f"{provider.name} saves no methods")
    if new.instalments > 1:
        counts = {plan.count for plan in instalment_plans(dependencies.settings, capabilities, amount)}
        if new.instalments not in counts:
            raise PaymentInvalid("this number of instalments is not offered", field="instalments")
    return provider


def _terms(dependencies: PaymentDependencies, new: NewMeans, now_ms: int) -> tuple[int | None, str | None, int]:
    """Seconds of a Pix charge, due day of a boleto, and until when the buyer may pay."""
    settings = dependencies.settings
    if new.method == "pix":
        seconds = new.expires_in_s or settings.pix_expires_s
        return seconds, None, now_ms + seconds * 1000
    if new.method == "boleto":
        today = to_datetime(now_ms).date()
        due = today + timedelta(days=settings.boleto_due_days)
        if new.due_on is not None:
            due = due_date(new.due_on, "due_on")
        if not today <= due <= today + timedelta(days=366):
            raise PaymentInvalid("a boleto is due within a year from today", field="due_on")
        end = datetime(due.year, due.month, due.day, tzinfo=UTC).timestamp() * 1000
        return None, due.isoformat(), int(end) + (1 + BOLETO_GRACE_DAYS) * DAY_MS
    return None, None, now_ms + CHALLENGE_LIFE_MS
