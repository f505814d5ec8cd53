"""Which provider takes a method, and in how many instalments."""

from fractions import Fraction

from renga.domains.payments.contract.payments import InstalmentPlan, PaymentMethod
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.ports.provider import MethodCapabilities, PaymentProvider
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.money import AMOUNT_MAX, Money

#: Basis points of the whole.
_WHOLE_BP = 10_000


def provider_of(
    dependencies: PaymentDependencies, method: PaymentMethod, amount: Money, country: str | None
) -> PaymentProvider | None:
    """The first provider, in the order of the settings, that takes this amount by this method. ``country`` None: anywhere."""
    for provider in dependencies.providers.values():
        capabilities = provider.capabilities.methods.get(method)
        if capabilities is not None and takes(capabilities, amount, country):
            return provider
    return None


def takes(capabilities: MethodCapabilities, amount: Money, country: str | None) -> bool:
    """Whether a method of a provider is for this amount and country."""
    if capabilities.currencies is not None and amount.currency not in capabilities.currencies:
        return False
    if country is not None and capabilities.countries is not None and country not in capabilities.countries:
        return False
    return capabilities.amount_min <= amount.amount <= capabilities.amount_max


def instalment_plans(
    settings: PaymentSettings, capabilities: MethodCapabilities, amount: Money
) -> tuple[InstalmentPlan, ...]:
    """Every number of instalments that is offered, from one; none if the method has no instalments."""
    most = min(settings.instalments_max, capabilities.instalments_max)
    if most < 2:
        return ()
    plans = []
    for count in range(1, most + 1):
        plan = _plan(settings, count, amount)
        if count > 1 and (plan.each.amount < settings.instalment_min or plan.total.amount > AMOUNT_MAX):
            break
        plans.append(plan)
    return tuple(plans)


def _plan(settings: PaymentSettings, count: int, amount: Money) -> InstalmentPlan:
    """Free: the amount, divided; the first instalment makes up for rounding. With interest: equal payments at the end of
    each month (the Price table), each rounded half up.
    """
    free = count == 1 or count <= settings.instalments_free or settings.instalments_funded_by == "shop"
    if free or not settings.instalments_fee_bp:
        return InstalmentPlan(count=count, each=Money(amount.amount // count, amount.currency), total=amount)
    rate = Fraction(settings.instalments_fee_bp, _WHOLE_BP)
    exact = amount.amount * rate / (1 - (1 + rate) ** -count)
    each = int(exact + Fraction(1, 2))
    return InstalmentPlan(count=count, each=Money(each, amount.currency), total=Money(each * count, amount.currency))
