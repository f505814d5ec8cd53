"""Permissions by role in a merchant, and the OpenID scopes; ``grants`` has the scopes by kind of account."""

from collections.abc import Mapping
from typing import Literal

from renga.domains.identity.contract import MerchantRole

#: Actions on a merchant as an organisation (other domains control products and orders by scope).
Right = Literal["see", "see_members", "rename", "manage_members", "manage_keys", "manage_customers", "close"]

RIGHTS: Mapping[MerchantRole, frozenset[Right]] = {
    "owner": frozenset({"see", "see_members", "rename", "manage_members", "manage_keys", "manage_customers", "close"}),
    "manager": frozenset({"see", "see_members", "rename", "manage_customers"}),
    "clerk": frozenset({"see"}),
}

#: The scopes about the person, for everyone who logs in (not for service clients).
PERSONAL = frozenset({"openid", "profile", "email", "offline_access", "account"})

#: Never granted to an API key: a key does not sign in, and a leaked key with ``account`` would give the account away.
NEVER_FOR_KEYS = PERSONAL


def may(role: MerchantRole | None, right: Right) -> bool:
    """May a member with this role (None: no member) do this with their merchant?"""
    return role is not None and right in RIGHTS[role]
