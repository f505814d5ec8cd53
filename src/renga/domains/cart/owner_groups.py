"""A customer who has left a group, or joined one: the cart gets the groups of now before a write that prices lines."""

import contextlib
from collections.abc import Awaitable, Callable

import msgspec

from renga.domains.cart.access import owner_of
from renga.domains.cart.contract import (
    CartAlreadyCompleted,
    CartBusy,
    CartHasExpired,
    CartMergedAway,
    CartTerms,
    PriceMove,
)
from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.ports import Guard, TermsDiffer, WriteOutcome
from renga.domains.cart.price_keys import TRIES_MAX, parts_of
from renga.domains.cart.set_terms import claim_on_terms, groups_now
from renga.kernel.caller import Caller
from renga.kernel.money import Money


async def write_on_terms(
    dependencies: CartDependencies,
    caller: Caller,
    cart_id: str,
    guard: Guard,
    step: Callable[[Guard], Awaitable[WriteOutcome]],
) -> WriteOutcome:
    """Do the step with the price key that the cart had last; again with the right one if that was wrong.

    Only the owner, and services, reach a cart with groups: a customer who is not in them any more has left them.
    """
    moves: tuple[PriceMove, ...] = ()
    for _ in range(TRIES_MAX):
        moves += await regroup(dependencies, caller, cart_id, parts_of(dependencies.price_keys.of(cart_id))[1])
        guarded = msgspec.structs.replace(guard, price_key=dependencies.price_keys.of(cart_id))
        try:
            outcome = await step(guarded)
        except TermsDiffer as differs:
            dependencies.price_keys.remember(cart_id, differs.price_key)
        else:
            return with_moves(outcome, moves)
    raise CartBusy()


async def regroup(
    dependencies: CartDependencies, caller: Caller, cart_id: str, held: tuple[str, ...]
) -> tuple[PriceMove, ...]:
    """Price the lines for the owner's groups if the cart has others; the moves. Nothing for a cart without groups."""
    customer = owner_of(caller)
    if not held or customer is None:
        return ()
    groups = await groups_now(dependencies, customer)
    if groups is None or groups == held:
        return ()
    # of a cart that has ended the write itself says so, or answers a replay
    with contextlib.suppress(CartAlreadyCompleted, CartBusy, CartHasExpired, CartMergedAway):
        outcome = await claim_on_terms(dependencies, cart_id, customer, groups, Guard(caller=customer, whole=False))
        return outcome.moves
    return ()


def with_moves(outcome: WriteOutcome, before: tuple[PriceMove, ...]) -> WriteOutcome:
    """The outcome with moves of prices that came before it: one move of each line, from its first price to its last."""
    if not before:
        return outcome
    was: dict[str, Money] = {}
    now: dict[str, Money] = {}
    for one in (*before, *outcome.moves):
        was.setdefault(one.line, one.was)
        now[one.line] = one.now
    moves = tuple(PriceMove(line=line, was=was[line], now=now[line]) for line in was if was[line] != now[line])
    return msgspec.structs.replace(outcome, moves=moves)


async def terms_now(dependencies: CartDependencies, caller: Caller, terms: CartTerms) -> CartTerms:
    """The terms with the groups that the owner, who reads the cart, is in now."""
    customer = owner_of(caller)
    if not terms.groups or customer is None:
        return terms
    groups = await groups_now(dependencies, customer)
    return terms if groups is None else msgspec.structs.replace(terms, groups=groups)
