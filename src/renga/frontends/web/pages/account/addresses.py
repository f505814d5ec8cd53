"""Her postal addresses: see, add, change, choose the default, remove."""

from typing import Any

import msgspec
from litestar import Response

from renga.domains.identity.contract import SavedAddress
from renga.frontends.web.address_form import COUNTRIES, AddressForm, postal_code_text, read_address, shown
from renga.frontends.web.desk import Desk, Desks
from renga.frontends.web.errors import PageNotFound
from renga.frontends.web.forms import plausible
from renga.kernel.errors import Conflict, Unprocessable

_HOME = "/account/addresses"


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.shows(_HOME, _list),
        desks.shows(f"{_HOME}/new", _new),
        desks.takes(f"{_HOME}/new", _add, home=f"{_HOME}/new"),
        desks.shows(f"{_HOME}/{{address:str}}", _edit),
        desks.takes(f"{_HOME}/{{address:str}}", _change, home=_HOME),
        desks.takes(f"{_HOME}/{{address:str}}/remove", _remove, home=_HOME),
    ]


async def _list(desk: Desk) -> Response[bytes]:
    addresses = await desk.identity.accounts.addresses(desk.caller)
    return await desk.page("addresses.html", addresses=addresses, postal_code=postal_code_text)


async def _new(desk: Desk) -> Response[bytes]:
    account = await desk.account()
    return await _page(desk, AddressForm(values=shown(None, account.name)), None)


async def _page(desk: Desk, form: AddressForm, saved: SavedAddress | None, *, status: int = 200) -> Response[bytes]:
    countries = sorted(((code, desk.t(f"country.{code}")) for code in COUNTRIES), key=lambda one: one[1])
    return await desk.page(
        "address.html", values=form.values, errors=form.errors, saved=saved, countries=countries, status=status
    )


async def _hers(desk: Desk) -> SavedAddress:
    """The address of the path, among her own. Raises PageNotFound."""
    addresses = await desk.identity.accounts.addresses(desk.caller)
    found = next((one for one in addresses if one.id == desk.segment("address")), None)
    if found is None:
        raise PageNotFound
    return found


async def _edit(desk: Desk) -> Response[bytes]:
    saved = await _hers(desk)
    return await _page(desk, AddressForm(values=shown(saved.address)), saved)


async def _add(desk: Desk) -> Response[bytes]:
    return await _save(desk, None)


async def _change(desk: Desk) -> Response[bytes]:
    return await _save(desk, await _hers(desk))


async def _save(desk: Desk, saved: SavedAddress | None) -> Response[bytes]:
    fields = await desk.form()
    form = read_address(fields, desk.t)
    if form.address is None:
        return await _page(desk, form, saved, status=422)
    default = "default" in fields or (saved is not None and saved.default)
    address_id = saved.id if saved else None
    try:
        await desk.identity.accounts.save_address(desk.caller, form.address, address_id=address_id, default=default)
    except (Unprocessable, Conflict) as error:
        text = desk.t("address.too_many") if isinstance(error, Conflict) else desk.t("address.refused")
        form = msgspec.structs.replace(form, errors={"form": text})
        return await _page(desk, form, saved, status=422)
    return desk.to(_HOME, "address_saved")


async def _remove(desk: Desk) -> Response[bytes]:
    await desk.form()
    address_id = desk.segment("address")
    if plausible(address_id):
        await desk.identity.accounts.remove_address(desk.caller, address_id)
    return desk.to(_HOME, "address_removed")
