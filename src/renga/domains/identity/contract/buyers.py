"""Customer groups, tax numbers and exemptions: what prices and taxes of a buyer depend on."""

from typing import Protocol

import msgspec

from renga.domains.identity.contract.accounts import CallOrigin
from renga.kernel.buyer_terms import VerifiedFacts
from renga.kernel.caller import Caller

#: A text per language tag (BCP 47): ``{"pt-BR": "Revenda", "en": "Trade"}``.
GroupNames = dict[str, str]


class CustomerGroup(msgspec.Struct, frozen=True, kw_only=True):
    """``code`` is what price lists name; ``merchant_id`` owns the group, None: the shop."""

    code: str
    name: GroupNames
    merchant_id: str | None = None


class GroupCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """An address that a merchant put into a group. Whether it has an account, nobody is told."""

    email: str
    since_at: str


class TaxIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """The tax number that a buyer has stated. ``company`` is the company's name, "" for a person.

    ``verified_at``: since when an administrator vouches for it; None: it counts nowhere.
    """

    country: str
    tax_id: str
    company: str = ""
    is_company: bool = False
    stated_at: str
    verified_at: str | None = None


class TaxExemption(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that an administrator has seen; ``expires_at`` (exclusive) None: without end."""

    certificate: str
    expires_at: str | None = None


class BuyerProfile(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a buyer, verified or not, and what of it counts. ``groups``: those that count, with their names."""

    account_id: str
    groups: tuple[CustomerGroup, ...] = ()
    tax: TaxIdentity | None = None
    exemption: TaxExemption | None = None


class Buyers(Protocol):
    """``caller`` is the first parameter. Methods of a merchant need its owner or manager, those of administrators ADMINISTRATION.

    A merchant's group has effect on this merchant's products only. A merchant never learns whether an address has an account,
    nor who of its customers has left a group. Every change is in the audit trail, and ``BuyerFactsChanged`` is announced.
    Raises Unauthenticated, InsufficientScope, Unavailable.
    """

    async def verified_facts(self, account_id: str) -> VerifiedFacts:
        """What counts for prices and taxes; NOTHING_VERIFIED for an unknown account. For other domains, not for callers."""
        ...

    async def groups(self, caller: Caller) -> tuple[CustomerGroup, ...]:
        """All groups of the shop and of merchants, by code. For administrators."""
        ...

    async def put_group(self, caller: Caller, code: str, name: GroupNames, *, origin: CallOrigin) -> CustomerGroup:
        """Create or rename a group of the shop. For administrators. Raises CustomerGroupInvalid, TooMany."""
        ...

    async def remove_group(self, caller: Caller, code: str, *, origin: CallOrigin) -> None:
        """Remove a group, also a merchant's, with its memberships. For administrators. Raises CustomerGroupNotFound."""
        ...

    async def set_account_groups(
        self, caller: Caller, account_id: str, codes: tuple[str, ...], *, origin: CallOrigin
    ) -> BuyerProfile:
        """Replace the groups that administrators gave. Raises AccountNotFound, CustomerGroupNotFound, CustomerGroupInvalid."""
        ...

    async def profile(self, caller: Caller, account_id: str) -> BuyerProfile:
        """A buyer's own profile, or anybody's for administrators. Raises AccountNotFound."""
        ...

    async def state_tax_id(
        self, caller: Caller, country: str, tax_id: str, company: str, *, origin: CallOrigin
    ) -> BuyerProfile:
        """The caller states their tax number; it is not verified, and another one than before ends the verification.

        Raises TaxIdInvalid, AccountNotFound.
        """
        ...

    async def remove_tax_id(self, caller: Caller, *, origin: CallOrigin) -> None:
        """The caller takes their tax number back. Idempotent."""
        ...

    async def verify_tax_id(
        self, caller: Caller, account_id: str, tax_id: str, *, verified: bool, origin: CallOrigin
    ) -> BuyerProfile:
        """An administrator vouches for the number, or no longer. ``tax_id`` is the number that they checked.

        Raises AccountNotFound, TaxIdChanged: the buyer has stated another one, or none.
        """
        ...

    async def set_exemption(
        self, caller: Caller, account_id: str, exemption: TaxExemption, *, origin: CallOrigin
    ) -> BuyerProfile:
        """An administrator enters a certificate in place of any before. Raises AccountNotFound, BuyerFactsInvalid."""
        ...

    async def remove_exemption(self, caller: Caller, account_id: str, *, origin: CallOrigin) -> BuyerProfile:
        """An administrator removes the certificate. Raises AccountNotFound."""
        ...

    async def leave_group(self, caller: Caller, code: str, *, origin: CallOrigin) -> None:
        """The caller leaves a group for good: the merchant is not told, and cannot put them back. Idempotent."""
        ...

    async def merchant_groups(self, caller: Caller, merchant_id: str) -> tuple[CustomerGroup, ...]:
        """A merchant's groups, by code. Raises MerchantNotFound, Forbidden."""
        ...

    async def put_merchant_group(
        self, caller: Caller, merchant_id: str, name: str, names: GroupNames, *, origin: CallOrigin
    ) -> CustomerGroup:
        """Create or rename a merchant's group; its code is made of the merchant and ``name``, its
        short name, by which the merchant's methods find it.

        Raises MerchantNotFound, Forbidden, CustomerGroupInvalid, TooMany.
        """
        ...

    async def remove_merchant_group(self, caller: Caller, merchant_id: str, name: str, *, origin: CallOrigin) -> None:
        """Remove it with its customers. Raises MerchantNotFound, Forbidden, CustomerGroupNotFound."""
        ...

    async def group_customers(self, caller: Caller, merchant_id: str, name: str) -> tuple[GroupCustomer, ...]:
        """The addresses that the merchant put in, by address. Raises MerchantNotFound, Forbidden, CustomerGroupNotFound."""
        ...

    async def set_group_customer(
        self, caller: Caller, merchant_id: str, name: str, email: str, *, member: bool, origin: CallOrigin
    ) -> None:
        """Put an address into the group, or take it out. The same for addresses with and without an account.

        It has effect for the account with this verified address, now or later. Raises MerchantNotFound, Forbidden,
        CustomerGroupNotFound, EmailInvalid, TooMany.
        """
        ...
