"""Access checks for merchants: a non-member gets NotFound, a member without permission Forbidden."""

from renga.domains.identity.contract import AccountNotFound, Merchant, MerchantNotFound, MerchantRole
from renga.domains.identity.model.roles import Right, may
from renga.domains.identity.organisations.ports import Actor, Work
from renga.kernel.errors import Forbidden
from renga.kernel.ids import canonical_uuid


def account_of(text: str) -> str:
    """The account's id in canonical form. Raises AccountNotFound."""
    canonical = canonical_uuid(text)
    if canonical is None:
        raise AccountNotFound()
    return canonical


def merchant_of(text: str) -> str:
    """The merchant's id in canonical form. Raises MerchantNotFound."""
    canonical = canonical_uuid(text)
    if canonical is None:
        raise MerchantNotFound()
    return canonical


def demand(found: tuple[Merchant, MerchantRole] | None, right: Right) -> tuple[Merchant, MerchantRole]:
    """Raises MerchantNotFound, Forbidden."""
    if found is None:
        raise MerchantNotFound()
    if not may(found[1], right):
        raise Forbidden(f"a {found[1]} may not do this", right=right)
    return found


async def locked_actor(work: Work, account_id: str) -> Actor:
    """The acting account, locked until the transaction ends. Raises AccountNotFound."""
    actor = await work.actor(account_of(account_id))
    if actor is None:
        raise AccountNotFound()
    return actor


async def locked_role(work: Work, by: str, merchant_id: str, right: Right) -> tuple[Merchant, MerchantRole]:
    """The merchant, locked until the transaction ends, and the acting account's role. Raises MerchantNotFound, Forbidden."""
    return demand(await work.role(merchant_of(merchant_id), account_of(by)), right)
