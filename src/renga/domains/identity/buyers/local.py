"""Implements the contract of buyers in this process."""

from renga.domains.identity.buyers.leave_group import leave_group
from renga.domains.identity.buyers.list_groups import list_customers, list_groups, list_merchant_groups
from renga.domains.identity.buyers.ports import BuyerDependencies
from renga.domains.identity.buyers.put_group import put_group, put_merchant_group
from renga.domains.identity.buyers.read_profile import read_profile
from renga.domains.identity.buyers.remove_group import remove_group, remove_merchant_group
from renga.domains.identity.buyers.set_account_groups import set_account_groups
from renga.domains.identity.buyers.set_exemption import remove_exemption, set_exemption
from renga.domains.identity.buyers.set_group_customer import set_group_customer
from renga.domains.identity.buyers.state_tax_id import remove_tax_id, state_tax_id
from renga.domains.identity.buyers.verify_tax_id import verify_tax_id
from renga.domains.identity.contract import (
    BuyerProfile,
    CallOrigin,
    CustomerGroup,
    GroupCustomer,
    GroupNames,
    TaxExemption,
)
from renga.kernel.buyer_terms import NOTHING_VERIFIED, VerifiedFacts
from renga.kernel.caller import Caller
from renga.kernel.ids import canonical_uuid


class LocalBuyers:
    """Implements ``contract.Buyers``."""

    def __init__(self, dependencies: BuyerDependencies) -> None:
        self._dependencies = dependencies

    async def verified_facts(self, account_id: str) -> VerifiedFacts:
        canonical = canonical_uuid(account_id)
        return NOTHING_VERIFIED if canonical is None else await self._dependencies.store.facts(canonical)

    async def groups(self, caller: Caller) -> tuple[CustomerGroup, ...]:
        return await list_groups(self._dependencies, caller)

    async def put_group(self, caller: Caller, code: str, name: GroupNames, *, origin: CallOrigin) -> CustomerGroup:
        return await put_group(self._dependencies, caller, code, name, origin=origin)

    async def remove_group(self, caller: Caller, code: str, *, origin: CallOrigin) -> None:
        await remove_group(self._dependencies, caller, code, origin=origin)

    async def set_account_groups(
        self, caller: Caller, account_id: str, codes: tuple[str, ...], *, origin: CallOrigin
    ) -> BuyerProfile:
        return await set_account_groups(self._dependencies, caller, account_id, codes, origin=origin)

    async def profile(self, caller: Caller, account_id: str) -> BuyerProfile:
        return await read_profile(self._dependencies, caller, account_id)

    async def state_tax_id(
        self, caller: Caller, country: str, tax_id: str, company: str, *, origin: CallOrigin
    ) -> BuyerProfile:
        return await state_tax_id(self._dependencies, caller, country, tax_id, company, origin=origin)

    async def remove_tax_id(self, caller: Caller, *, origin: CallOrigin) -> None:
        await remove_tax_id(self._dependencies, caller, origin=origin)

    async def verify_tax_id(
        self, caller: Caller, account_id: str, tax_id: str, *, verified: bool, origin: CallOrigin
    ) -> BuyerProfile:
        return await verify_tax_id(self._dependencies, caller, account_id, tax_id, verified=verified, origin=origin)

    async def set_exemption(
        self, caller: Caller, account_id: str, exemption: TaxExemption, *, origin: CallOrigin
    ) -> BuyerProfile:
        return await set_exemption(self._dependencies, caller, account_id, exemption, origin=origin)

    async def remove_exemption(self, caller: Caller, account_id: str, *, origin: CallOrigin) -> BuyerProfile:
        return await remove_exemption(self._dependencies, caller, account_id, origin=origin)

    async def leave_group(self, caller: Caller, code: str, *, origin: CallOrigin) -> None:
        await leave_group(self._dependencies, caller, code, origin=origin)

    async def merchant_groups(self, caller: Caller, merchant_id: str) -> tuple[CustomerGroup, ...]:
        return await list_merchant_groups(self._dependencies, caller, merchant_id)

    async def put_merchant_group(
        self, caller: Caller, merchant_id: str, name: str, names: GroupNames, *, origin: CallOrigin
    ) -> CustomerGroup:
        return await put_merchant_group(self._dependencies, caller, merchant_id, name, names, origin=origin)

    async def remove_merchant_group(self, caller: Caller, merchant_id: str, name: str, *, origin: CallOrigin) -> None:
        await remove_merchant_group(self._dependencies, caller, merchant_id, name, origin=origin)

    async def group_customers(self, caller: Caller, merchant_id: str, name: str) -> tuple[GroupCustomer, ...]:
        return await list_customers(self._dependencies, caller, merchant_id, name)

    async def set_group_customer(
        self, caller: Caller, merchant_id: str, name: str, email: str, *, member: bool, origin: CallOrigin
    ) -> None:
        await set_group_customer(self._dependencies, caller, merchant_id, name, email, member=member, origin=origin)
