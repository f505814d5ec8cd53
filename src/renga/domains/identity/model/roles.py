"""Who may do what: the tables of rights and scopes, and the pure functions that read them. Everything else asks here."""

from collections.abc import Iterable, Mapping
from typing import Literal

from renga.domains.identity.contract import MerchantRole, Stakeholder

#: What can be done with a merchant as an organisation (its products and orders are other domains', by scope).
Right = Literal["see", "see_members", "rename", "manage_members", "manage_keys", "close"]

RIGHTS: Mapping[MerchantRole, frozenset[Right]] = {
    "owner": frozenset({"see", "see_members", "rename", "manage_members", "manage_keys", "close"}),
    "manager": frozenset({"see", "see_members", "rename"}),
    "clerk": frozenset({"see"}),
}

#: The scopes about the person herself, for who logs in (not for service clients).
PERSONAL = frozenset({"openid", "profile", "email", "offline_access", "account"})

SCOPES_OF: Mapping[Stakeholder, frozenset[str]] = {
    "customer": PERSONAL | {"cart", "orders"},
    "merchant": PERSONAL | {"catalog:write", "merchant"},
    "operator": PERSONAL | {"consignments"},
    "finance": PERSONAL | {"ledger:read"},
    "admin": PERSONAL
    | {"catalog:write", "catalog:manage", "search:manage", "identity:admin", "audit:read", "metrics:read"},
    "service": frozenset(
        {"carts:any", "catalog:write", "catalog:manage", "search:manage", "ledger:read", "metrics:read"}
    ),
}

SCOPES_OF_ROLE: Mapping[MerchantRole, frozenset[str]] = {
    "owner": frozenset({"catalog:write", "merchant"}),
    "manager": frozenset({"catalog:write", "merchant"}),
    "clerk": frozenset({"catalog:write"}),
}

#: Never given to an API key: signing in means nothing for one, and with ``account`` a lost key would be a lost account.
NEVER_FOR_KEYS = PERSONAL


def may(role: MerchantRole | None, right: Right) -> bool:
    """May a member with this role (None: no member) do this with her merchant?"""
    return role is not None and right in RIGHTS[role]


def scopes_of(stakeholders: Iterable[str]) -> frozenset[str]:
    """All that an account may: the union over what it is."""
    held = frozenset(stakeholders)
    return frozenset[str]().union(*(scopes for one, scopes in SCOPES_OF.items() if one in held))


def scopes_for_merchant(role: MerchantRole | None) -> frozenset[str]:
    """All that a member may for her merchant; nothing for who is none."""
    return frozenset() if role is None else SCOPES_OF_ROLE[role]


def grantable(stakeholders: Iterable[Stakeholder], role: MerchantRole | None, *, for_merchant: bool) -> frozenset[str]:
    """The scopes that she may give to a key: of her own, or of the merchant where she has this role."""
    if not for_merchant:
        return scopes_of(stakeholders) - NEVER_FOR_KEYS
    return scopes_for_merchant(role) if may(role, "manage_keys") else frozenset()


def effective(
    scopes: Iterable[str], stakeholders: Iterable[Stakeholder], role: MerchantRole | None, *, for_merchant: bool
) -> tuple[str, ...]:
    """What is left of a key's scopes, given what its maker may now."""
    allowed = scopes_for_merchant(role) if for_merchant else scopes_of(stakeholders) - NEVER_FOR_KEYS
    return tuple(scope for scope in scopes if scope in allowed)
