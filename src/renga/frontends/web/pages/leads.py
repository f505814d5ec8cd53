"""Errors that redirect: to the login page, or to the page that asks for authentication again."""

from typing import Any

from litestar import Request, Response

from renga.frontends.web.account_exchange import with_next
from renga.frontends.web.errors import ConfirmationNeeded, LoginNeeded
from renga.frontends.web.page import redirect
from renga.frontends.web.shop import Shop
from renga.kernel.caller import FreshLoginRequired


def exception_handlers(shop: Shop) -> dict[int | type[Exception], Any]:
    def to_login(_: Request[Any, Any, Any], error: LoginNeeded) -> Response[bytes]:
        return redirect(shop, with_next("/login", error.next_path))

    def to_confirmation(_: Request[Any, Any, Any], error: ConfirmationNeeded) -> Response[bytes]:
        return redirect(shop, with_next("/account/confirm", error.next_path))

    def of_contract(request: Request[Any, Any, Any], _: FreshLoginRequired) -> Response[bytes]:
        return redirect(shop, with_next("/account/confirm", request.route_handler.opt.get("home", "/account")))

    return {LoginNeeded: to_login, ConfirmationNeeded: to_confirmation, FreshLoginRequired: of_contract}
