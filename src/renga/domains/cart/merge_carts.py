"""Merge a source cart into a target: sums quantities, idempotent, survives a crash between the two carts."""

from renga.domains.cart.access import check_owner
from renga.domains.cart.contract import CartBusy, CartNotFound, Change, Write
from renga.domains.cart.dependencies import CartDependencies, checked_id, guard
from renga.domains.cart.merging import freeze, move_into
from renga.domains.cart.owner_groups import regroup, with_moves
from renga.domains.cart.ports import WriteOutcome
from renga.domains.cart.use_case import restore, write_step
from renga.kernel.caller import Caller
from renga.kernel.errors import Unprocessable

#: How often the source is frozen again after another caller gave the merge up.
FREEZES_MAX = 3


async def merge_carts(
    dependencies: CartDependencies, caller: Caller, cart_id: str, source_id: str, write: Write
) -> Change:
    try:
        source = checked_id(source_id)
    except CartNotFound:
        raise Unprocessable("'from' is not the id of a cart", field="from") from None
    if checked_id(cart_id) == source:
        raise Unprocessable("a cart cannot be merged into itself", field="from")
    checked = guard(caller, write, "merge", cart_id, source)

    async def step(target: str) -> WriteOutcome:
        _, stored = await dependencies.store.read(target)
        if stored is None:
            raise CartNotFound()  # before the source is frozen; with_recovery may restore the target and retry
        check_owner(stored.owner, checked.caller)
        moves = await regroup(dependencies, caller, target, stored.terms.groups)
        if (await dependencies.store.read(source))[1] is None:
            await restore(dependencies, source)
        for again in reversed(range(FREEZES_MAX)):
            frozen = await freeze(dependencies, source, target, checked.caller)
            if frozen is None:
                break
            try:
                return with_moves(await move_into(dependencies, frozen, target, checked), moves)
            except CartBusy:  # somebody gave this freeze up
                if not again:
                    raise
        _, stored = await dependencies.store.read(target)
        if stored is None:
            raise CartNotFound()
        return WriteOutcome(
            version=stored.version, restores=stored.restores, replayed=True, cart=stored if write.whole else None
        )

    return await write_step(dependencies, cart_id, step)
