"""Which kind of account has which scopes, as the modules declare it, and the pure functions that read the tables."""

from collections.abc import Iterable, Mapping

import msgspec

from renga.domains.identity.contract import MerchantRole, Stakeholder
from renga.domains.identity.model.roles import NEVER_FOR_KEYS, may

_NONE: frozenset[str] = frozenset()


class Grants(msgspec.Struct, frozen=True, kw_only=True):
    """``scopes``: all that there are, with what each allows. ``of_stakeholder``: by kind of account, what such an account may.
    ``of_role``: by role in a merchant, what such a member may for it.
    """

    scopes: Mapping[str, str]
    of_stakeholder: Mapping[str, frozenset[str]]
    of_role: Mapping[str, frozenset[str]]

    def of_kind(self, kind: str) -> frozenset[str]:
        """All that one kind of account may."""
        return self.of_stakeholder.get(kind, _NONE)

    def scopes_of(self, stakeholders: Iterable[str]) -> frozenset[str]:
        """All that an account may: the union over what it is."""
        return _NONE.union(*(self.of_kind(one) for one in stakeholders))

    def for_merchant(self, role: MerchantRole | None) -> frozenset[str]:
        """All that a member may for their merchant; nothing for who is none."""
        return _NONE if role is None else self.of_role.get(role, _NONE)

    def grantable(
        self, stakeholders: Iterable[Stakeholder], role: MerchantRole | None, *, for_merchant: bool
    ) -> frozenset[str]:
        """The scopes that somebody may give to a key: their own, or the merchant's where they have this role."""
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
        """What is left of a key's scopes, given what its maker may now."""
        allowed = self.for_merchant(role) if for_merchant else self.scopes_of(stakeholders) - NEVER_FOR_KEYS
        return tuple(scope for scope in scopes if scope in allowed)

    @property
    def for_people(self) -> frozenset[str]:
        """What a client may ask of people."""
        return self.scopes_of(kind for kind in self.of_stakeholder if kind != "service")

    @property
    def for_services(self) -> frozenset[str]:
        """What a client may be given for itself."""
        return self.of_kind("service")

    @property
    def only_services(self) -> frozenset[str]:
        """What no person has."""
        return self.for_services - self.for_people

    @property
    def one_factor(self) -> frozenset[str]:
        """What a login without a second factor is enough for: nothing that is staff's."""
        return self.of_kind("customer")

    @property
    def about_merchants(self) -> frozenset[str]:
        """With one of these a token names the merchants of its person."""
        return _NONE.union(*self.of_role.values())
