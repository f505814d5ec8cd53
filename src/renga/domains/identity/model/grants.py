"""The scopes of each kind of account, as the modules declare them, and pure functions over these tables."""

from collections.abc import Iterable, Mapping

import msgspec

from renga.domains.identity.contract import MerchantRole, Stakeholder
from renga.domains.identity.model.roles import NEVER_FOR_KEYS, may

_NONE: frozenset[str] = frozenset()


class Grants(msgspec.Struct, frozen=True, kw_only=True):
    """``scopes``: every scope with its description. ``of_stakeholder``: scopes by kind of account.
    ``of_role``: scopes by role in a merchant.
    """

    scopes: Mapping[str, str]
    of_stakeholder: Mapping[str, frozenset[str]]
    of_role: Mapping[str, frozenset[str]]

    def of_kind(self, kind: str) -> frozenset[str]:
        """The scopes of one kind of account."""
        return self.of_stakeholder.get(kind, _NONE)

    def scopes_of(self, stakeholders: Iterable[str]) -> frozenset[str]:
        """The scopes of an account: the union over its kinds."""
        return _NONE.union(*(self.of_kind(one) for one in stakeholders))

    def for_merchant(self, role: MerchantRole | None) -> frozenset[str]:
        """The scopes of a member for their merchant; empty for a non-member."""
        return _NONE if role is None else self.of_role.get(role, _NONE)

    def grantable(
        self, stakeholders: Iterable[Stakeholder], role: MerchantRole | None, *, for_merchant: bool
    ) -> frozenset[str]:
        """The scopes that an account may grant to a key: its own, or for a merchant those of its role."""
        if not for_merchant:
            return self.scopes_of(stakeholders) - NEVER_FOR_KEYS
        return self.for_merchant(role) if may(role, "manage_keys") else _NONE

    def effective(
        self,
        scopes: Iterable[str],
        stakeholders: Iterable[Stakeholder],
        role: MerchantRole | None,
        *,
        for_merchant: bool,
    ) -> tuple[str, ...]:
        """The key's scopes that its creator still has."""
        allowed = self.for_merchant(role) if for_merchant else self.scopes_of(stakeholders) - NEVER_FOR_KEYS
        return tuple(scope for scope in scopes if scope in allowed)

    @property
    def for_people(self) -> frozenset[str]:
        """The scopes that a client may request from people."""
        return self.scopes_of(kind for kind in self.of_stakeholder if kind != "service")

    @property
    def for_services(self) -> frozenset[str]:
        """The scopes that a client may have for itself."""
        return self.of_kind("service")

    @property
    def only_services(self) -> frozenset[str]:
        """The scopes that only services have."""
        return self.for_services - self.for_people

    @property
    def one_factor(self) -> frozenset[str]:
        """The scopes that need no second factor: none of staff's."""
        return self.of_kind("customer")

    @property
    def about_merchants(self) -> frozenset[str]:
        """A token with one of these scopes names the merchants of its person."""
        return _NONE.union(*self.of_role.values())
