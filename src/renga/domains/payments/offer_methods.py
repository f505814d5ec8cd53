"""Use case: which methods can pay an amount."""

from typing import get_args

from renga.domains.payments.contract.errors import PaymentInvalid
from renga.domains.payments.contract.payments import INTERNAL_METHODS, OfferedMethod, PaymentMethod
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.checking import check_amount
from renga.domains.payments.offering import instalment_plans, provider_of
from renga.kernel.money import Money, exponent


def offer_methods(dependencies: PaymentDependencies, amount: Money, country: str) -> tuple[OfferedMethod, ...]:
    """For everybody. Raises PaymentInvalid, UnknownCurrency."""
    exponent(amount.currency)
    check_amount(amount.amount, "amount")
    if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        raise PaymentInvalid("country is two letters (ISO 3166-1)", field="country")
    methods: tuple[PaymentMethod, ...] = get_args(PaymentMethod)
    found = []
    for method in methods:
        provider = None if method in INTERNAL_METHODS else provider_of(dependencies, method, amount, country)
        if provider is None:
            continue
        offers = provider.capabilities
        card = method == "card"
        found.append(
            OfferedMethod(
                method=method, provider=provider.name, tokens_url=offers.tokens_url if card else None,
                frame_url=offers.frame_url if card else None, public_key=offers.public_key if card else None,
                instalments=instalment_plans(dependencies.settings, offers.methods[method], amount) if card else (),
            )
        )  # fmt: skip
    return tuple(found)
