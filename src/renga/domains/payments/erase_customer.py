"""Use case: an account was erased. Payments stay, for the books; who paid is forgotten, with the saved methods."""

from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.saved_methods import forget


async def erase_customer(dependencies: PaymentDependencies, customer: str) -> None:
    """May be repeated. Raises ProviderAway, Unavailable: try again."""
    for saved in await dependencies.wallets.saved_methods(customer):
        await forget(dependencies, saved)
    await dependencies.wallets.forget_payer(customer)
