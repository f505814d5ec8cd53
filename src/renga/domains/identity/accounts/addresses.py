"""Use cases: a person's saved postal addresses."""

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.finding import person_of
from renga.domains.identity.accounts.model import ADDRESSES_MAX, checked_address
from renga.domains.identity.contract import Address, SavedAddress
from renga.kernel.errors import Conflict, NotFound
from renga.kernel.once import Once


class AddressNotFound(NotFound):
    code = "address_not_found"
    title = "There is no such address"


class AddressLimitReached(Conflict):
    code = "address_limit_reached"
    title = "There are as many addresses as an account may have"


async def addresses(dependencies: AccountDependencies, account_id: str) -> tuple[SavedAddress, ...]:
    async with dependencies.units.begin() as unit:
        await person_of(unit, account_id)
        return tuple(await unit.addresses.of_account(account_id))


async def save_address(
    dependencies: AccountDependencies,
    account_id: str,
    address: Address,
    *,
    address_id: str | None,
    default: bool,
    once: Once | None,
) -> SavedAddress:
    """The first address is always the default; the default stays until another address becomes it."""
    checked = checked_address(address)
    async with dependencies.units.begin() as unit:
        await person_of(unit, account_id, lock=True)
        if (done := await unit.replay(once, SavedAddress)) is not None:
            return done
        kept = {one.id: one for one in await unit.addresses.of_account(account_id)}
        if address_id is not None and address_id not in kept:
            raise AddressNotFound()
        if address_id is None:
            # saving the same address again (a retry, a double click) does not add another
            address_id = next((one.id for one in kept.values() if one.address == checked), None)
        if address_id is None and len(kept) >= ADDRESSES_MAX:
            raise AddressLimitReached(limit=ADDRESSES_MAX)
        was_default = address_id is not None and kept[address_id].default
        saved = SavedAddress(
            id=address_id or dependencies.new_id(), address=checked, default=default or was_default or not kept
        )
        await unit.addresses.put(account_id, saved, dependencies.clock.now_ms())
        await unit.keep(once, saved)
    return saved


async def remove_address(dependencies: AccountDependencies, account_id: str, address_id: str) -> None:
    """After removal of the default, the most recently saved other address becomes it."""
    async with dependencies.units.begin() as unit:
        await person_of(unit, account_id, lock=True)
        kept = {one.id: one for one in await unit.addresses.of_account(account_id)}
        if address_id not in kept:
            return
        await unit.addresses.remove(account_id, address_id)
        left = [one for one in kept.values() if one.id != address_id]
        if kept[address_id].default and left:
            heir = SavedAddress(id=left[0].id, address=left[0].address, default=True)
            await unit.addresses.put(account_id, heir, dependencies.clock.now_ms())
