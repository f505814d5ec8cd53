"""Pure rules of merchants and keys: names, slugs, lifetimes, limits, and the last owner."""

import re
from collections.abc import Sequence

import msgspec

from renga.domains.identity.contract import (
    ApiKey,
    MerchantRole,
    OrganisationInvalid,
    RateLimit,
    ScopeNotAllowed,
    Stakeholder,
)
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.organisations.model.limits import (
    BURST_DEFAULT,
    BURST_MAX,
    KEY_LIFE_MAX_S,
    KEY_LIFE_MIN_S,
    NAME_CHARACTERS_MAX,
    OVERLAP_MAX_S,
    PER_MINUTE_DEFAULT,
    PER_MINUTE_MAX,
    SCOPES_PER_KEY_MAX,
)

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A stored key with its creator's present state. ``role`` is the creator's role in the key's merchant."""

    key: ApiKey
    hash: bytes
    expires_ms: int | None
    life_ms: int | None
    rotated: bool
    stakeholders: tuple[Stakeholder, ...]
    role: MerchantRole | None


def checked_name(name: str) -> str:
    """The name without surrounding spaces. Raises OrganisationInvalid."""
    stripped = name.strip()
    if not 1 <= len(stripped) <= NAME_CHARACTERS_MAX or not stripped.isprintable():
        raise OrganisationInvalid(f"a name has 1 to {NAME_CHARACTERS_MAX} printable characters", field="name")
    return stripped


def checked_slug(slug: str) -> str:
    """Raises OrganisationInvalid."""
    if not _SLUG.fullmatch(slug):
        raise OrganisationInvalid(
            "a slug has 1 to 63 of a-z, 0-9 and -, and neither begins nor ends with -", field="slug"
        )
    return slug


def checked_life_ms(life_s: int | None) -> int | None:
    """A key's lifetime in milliseconds; None: unlimited. Raises OrganisationInvalid."""
    if life_s is None:
        return None
    if not KEY_LIFE_MIN_S <= life_s <= KEY_LIFE_MAX_S:
        raise OrganisationInvalid(f"a key lives {KEY_LIFE_MIN_S} to {KEY_LIFE_MAX_S} seconds", field="life_s")
    return life_s * 1000


def checked_overlap_ms(overlap_s: int) -> int:
    """Raises OrganisationInvalid."""
    if not 0 <= overlap_s <= OVERLAP_MAX_S:
        raise OrganisationInvalid(f"keys overlap 0 to {OVERLAP_MAX_S} seconds", field="overlap_s")
    return overlap_s * 1000


def checked_limit(limit: RateLimit | None) -> RateLimit:
    """The requested limit, or the default. Raises OrganisationInvalid."""
    if limit is None:
        return RateLimit(per_minute=PER_MINUTE_DEFAULT, burst=BURST_DEFAULT)
    if not 1 <= limit.per_minute <= PER_MINUTE_MAX or not 1 <= limit.burst <= BURST_MAX:
        raise OrganisationInvalid(f"per_minute is 1 to {PER_MINUTE_MAX}, burst 1 to {BURST_MAX}", field="limit")
    return limit


def checked_scopes(scopes: Sequence[str], grantable: frozenset[str]) -> tuple[str, ...]:
    """The scopes without duplicates, in order. Raises OrganisationInvalid (none, too many), ScopeNotAllowed."""
    wanted = tuple(dict.fromkeys(scopes))
    if not 1 <= len(wanted) <= SCOPES_PER_KEY_MAX:
        raise OrganisationInvalid(f"a key has 1 to {SCOPES_PER_KEY_MAX} scopes", field="scopes")
    if beyond := [scope for scope in wanted if scope not in grantable]:
        raise ScopeNotAllowed(scope=" ".join(beyond))
    return wanted


def loses_last_owner(owners: int, old: MerchantRole | None, new: MerchantRole | None) -> bool:
    """Would this change of a role (None: no member) leave the merchant without an owner?"""
    return old == "owner" and new != "owner" and owners <= 1


def is_active(standing: Standing, now_ms: int) -> bool:
    """Neither revoked nor expired."""
    return not standing.key.revoked and (standing.expires_ms is None or now_ms < standing.expires_ms)


def live(grants: Grants, standing: Standing) -> ApiKey | None:
    """The key with the scopes that its creator still has; None if it is revoked or no scope is left."""
    key = standing.key
    scopes = grants.effective(
        key.scopes, standing.stakeholders, standing.role, for_merchant=key.merchant_id is not None
    )
    return None if key.revoked or not scopes else msgspec.structs.replace(key, scopes=scopes)
