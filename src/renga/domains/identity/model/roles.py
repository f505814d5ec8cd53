"""Who may do what with a merchant, and the scopes that are about the person; scopes by kind of account: ``grants``."""

from collections.abc import Mapping
from typing import Literal

from renga.domains.identity.contract import MerchantRole

#: What can be done with a merchant as an organisation (its products and orders are other domains', by scope).
Right = Literal["see", "see_members", "rename", "manage_members", "manage_keys", "close"]

RIGHTS: Mapping[MerchantRole, frozenset[Right]] = {
    "owner": frozenset({"see", "see_members", "rename", "manage_members", "manage_keys", "close"}),
    "manager": frozenset({"see", "see_members", "rename"}),
    "clerk": frozenset({"see"}),
}

#: The scopes about the person, for everybody who logs in (not for service clients).
PERSONAL = frozenset({"openid", "profile", "email", "offline_access", "account"})

#: Never given to an API key: signing in means nothing for one, and with ``account`` a lost key would be a lost account.
NEVER_FOR_KEYS = PERSONAL


def may(role: MerchantRole | None, right: Right) -> bool:
    """May a member with this role (None: no member) do this with her merchant?"""
    return role is not None and right in RIGHTS[role]
