"""Create an empty cart; the same key from the same caller gives the same cart.

Nothing but the key tells guests apart: neighbours share an address, and one client changes it between two tries.
"""

import hashlib
import hmac
import uuid

from renga.domains.cart.access import owner_of
from renga.domains.cart.contract import CartTerms, Change, KeyGuessable, Write
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.model import LIFE_MIN_S
from renga.domains.cart.set_terms import groups_of
from renga.domains.cart.use_case import change_of
from renga.kernel.buyer_terms import BuyerTerms, checked_terms
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.errors import Unprocessable
from renga.kernel.ids import canonical_uuid, uuid8


async def create_cart(
    dependencies: CartDependencies,
    caller: Caller,
    currency: str,
    *,
    channel: str,
    country: str,
    region: str,
    expires_in_s: int | None,
    write: Write,
) -> Change:
    checked_terms(BuyerTerms(currency=currency, channel=channel, country=country, region=region))
    longest_s = dependencies.limits.life_ms // 1000
    if expires_in_s is not None and expires_in_s < LIFE_MIN_S:
        raise Unprocessable(f"expires_in is at least {LIFE_MIN_S} second", field="expires_in", minimum=LIFE_MIN_S)
    life_ms = min(expires_in_s or longest_s, longest_s) * 1000
    customer = owner_of(caller)
    owner = () if customer is None else (customer,)
    # the store makes the guard's caller the owner; callers with ANY_CART create carts without an owner
    asked = (currency, channel, country, region, life_ms)
    checked = guard(ANONYMOUS if customer is None else caller, write, "create", *asked, *owner)
    if caller.subject is None and write.key is not None and not write.scope:
        _check_unguessable(write.key)
    cart_id = dependencies.new_id() if write.key is None else _id_of_key(dependencies.secret, caller.subject, write)
    groups = await groups_of(dependencies, customer)
    terms = CartTerms(channel=channel, country=country, region=region, groups=groups)
    outcome = await dependencies.store.create(cart_id, currency, life_ms, checked, terms)
    dependencies.price_keys.remember(cart_id, terms.price_key)
    return await change_of(dependencies, cart_id, outcome)


def _check_unguessable(key: str) -> None:
    if canonical_uuid(key) is None or uuid.UUID(key).version not in (4, 7):
        raise KeyGuessable()


def _id_of_key(secret: bytes, subject: str | None, write: Write) -> str:
    """A cart id derived from the idempotency key; the HMAC secret makes it unpredictable for others."""
    parts = (write.scope, subject or "", write.key or "")
    message = "".join(f"{len(part)}:{part}" for part in parts).encode()
    return uuid8(hmac.new(secret, message, hashlib.sha256).digest())
