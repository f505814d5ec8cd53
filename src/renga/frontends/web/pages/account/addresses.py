"""The customer's postal addresses: list, add, change, set the default, remove."""

from typing import Any

import msgspec
from litestar import Response

from renga.domains.identity.contract import SavedAddress
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes
from renga.frontends.web.address_form import COUNTRIES, AddressForm, postal_code_text, read_address, shown
from renga.frontends.web.errors import PageNotFound
from renga.frontends.web.forms import plausible
from renga.kernel.errors import Conflict, Unprocessable

_HOME = "/account/addresses"


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.get(_HOME, _list),
        account_routes.get(f"{_HOME}/new", _new),
        account_routes.post(f"{_HOME}/new", _add, home=f"{_HOME}/new", named=("phone",)),
        account_routes.get(f"{_HOME}/{{address:str}}", _edit),
        account_routes.post(f"{_HOME}/{{address:str}}", _change, home=_HOME, named=("phone",)),
        account_routes.post(f"{_HOME}/{{address:str}}/remove", _remove, home=_HOME),
    ]


async def _list(exchange: AccountExchange) -> Response[bytes]:
    addresses = await exchange.identity.accounts.addresses(exchange.caller)
    return await exchange.page("addresses.html", addresses=addresses, postal_code=postal_code_text)


async def _new(exchange: AccountExchange) -> Response[bytes]:
    account = await exchange.account()
    return await _page(exchange, AddressForm(values=shown(None, account.name)), None)


async def _page(
    exchange: AccountExchange, form: AddressForm, saved: SavedAddress | None, *, status: int = 200
) -> Response[bytes]:
    countries = sorted(((code, exchange.t(f"country.{code}")) for code in COUNTRIES), key=lambda one: one[1])
    return await exchange.page(
        "address.html", values=form.values, errors=form.errors, saved=saved, countries=countries, status=status
    )


async def _own_address(exchange: AccountExchange) -> SavedAddress:
    """The customer's address with the id in the path. Raises PageNotFound."""
    addresses = await exchange.identity.accounts.addresses(exchange.caller)
    found = next((one for one in addresses if one.id == exchange.segment("address")), None)
    if found is None:
        raise PageNotFound
    return found


async def _edit(exchange: AccountExchange) -> Response[bytes]:
    saved = await _own_address(exchange)
    return await _page(exchange, AddressForm(values=shown(saved.address)), saved)


async def _add(exchange: AccountExchange) -> Response[bytes]:
    return await _save(exchange, None)


async def _change(exchange: AccountExchange) -> Response[bytes]:
    return await _save(exchange, await _own_address(exchange))


async def _save(exchange: AccountExchange, saved: SavedAddress | None) -> Response[bytes]:
    fields = await exchange.form()
    form = read_address(fields, exchange.t)
    if form.address is None:
        return await _page(exchange, form, saved, status=422)
    default = "default" in fields or (saved is not None and saved.default)
    address_id = saved.id if saved else None
    try:
        await exchange.identity.accounts.save_address(
            exchange.caller, form.address, address_id=address_id, default=default
        )
    except (Unprocessable, Conflict) as error:
        text = exchange.t("address.too_many") if isinstance(error, Conflict) else exchange.t("address.refused")
        form = msgspec.structs.replace(form, errors={"form": text})
        return await _page(exchange, form, saved, status=422)
    return exchange.to(_HOME, "address_saved")


async def _remove(exchange: AccountExchange) -> Response[bytes]:
    await exchange.form()
    address_id = exchange.segment("address")
    if plausible(address_id):
        await exchange.identity.accounts.remove_address(exchange.caller, address_id)
    return exchange.to(_HOME, "address_removed")
