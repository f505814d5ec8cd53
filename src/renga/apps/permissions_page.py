"""The permission table: the scopes that each route needs, whose objects it reaches, and the scopes of each kind of account.

Generated from the handlers' ``opt["access"]``, the lean operations' ``access``, and the modules' declarations.
"""

from collections.abc import Iterable, Sequence

import msgspec

from renga.apps.app import Application
from renga.platform.auth.access import PUBLIC, Access
from renga.platform.http.gate import LEAN, declared, handlers_of
from renga.platform.modules.declared import Declared


class PermissionEntry(msgspec.Struct, frozen=True, order=True):
    """One method on one path, or one field of the graph (``method`` is then GRAPHQL)."""

    path: str
    method: str
    access: Access


def entries_of(api: Application) -> list[PermissionEntry]:
    """Every route of an application, by path and method. Raises SettingsInvalid for one that declares nothing."""
    found = [PermissionEntry(operation.path, operation.method, operation.access) for operation in api.operations]
    found += [PermissionEntry(name, method, access) for name, method, access in api.fields]
    for path, method, handler in handlers_of(api.app):
        access, _ = declared(handler, "GET" if method == "*" else method)
        if access is not LEAN and method != "HEAD":
            found.append(PermissionEntry(path, method, access))
    return sorted(found, key=lambda entry: (entry.path, entry.method))


def permissions_markdown(entries: Sequence[PermissionEntry], tables: Declared) -> str:
    """The whole page; the order of ``entries`` does not matter."""
    ordered = sorted(entries, key=lambda entry: (entry.path, entry.method))
    parts = [
        "# Who may do what",
        "Generated from the routes and from the `wiring.py` of each module; `make contracts` writes it, the build "
        "fails when it is stale. A route without a declared access does not start.",
        "## Routes",
        "*public*: anyone. *guest*: also without a credential, for callers that know the object's id (a cart). *any*: every "
        "authenticated caller. The owner is checked again when an object is read: another owner's object is answered with 404. "
        "*fresh login*: the last login is at most that old, else 401 `fresh_login_required`.",
        _table(("route", "scope", "whose objects"), [_route(entry) for entry in ordered]),
        "## Scopes",
        _table(("scope", "allows to"), [(f"`{scope}`", text) for scope, text in tables.scopes.items()]),
        "## Stakeholders",
        "The scopes of an account, for every kind of credential. A staff account (merchant, operator, finance, processor, "
        "admin) has them only after a login with a second factor. A client's token has those that the client may request and "
        "the user allowed.",
        _table(("stakeholder", "scopes"), [(who, _scopes(scopes, tables)) for who, scopes in tables.grants.items()]),
        "## Members of a merchant",
        _table(
            ("role", "scopes for the merchant", "rights on the merchant"),
            [
                (
                    role,
                    _scopes(tables.member_grants[role], tables),
                    ", ".join(sorted(right.replace("_", " ") for right in rights)),
                )
                for role, rights in tables.rights.items()
            ],
        ),
        "An API key has at most the scopes that its creator may pass on: their own scopes, except those about their own account; "
        "for a merchant's key, the scopes of their role. At each use the creator's present scopes are the limit.",
    ]
    return "\n\n".join(parts) + "\n"


def _route(entry: PermissionEntry) -> tuple[str, str, str]:
    access = entry.access
    demanded = " and ".join(f"`{scope}`" for scope in access.scopes)
    if access.instead:
        demanded += " or " + " or ".join(f"`{scope}`" for scope in access.instead)
    fresh = "" if access.fresh_s is None else f", *fresh login* ({access.fresh_s} s)"
    return f"`{entry.method} {entry.path}`", _demand(access, demanded) + fresh, access.objects


def _demand(access: Access, demanded: str) -> str:
    if access.own_client:
        return "*client's own credentials*"
    if access == PUBLIC:
        return "*public*"
    if access.guest:
        return f"*guest*, or {demanded}" if demanded else "*guest*"
    return demanded or "*any*"


def _scopes(scopes: Iterable[str], tables: Declared) -> str:
    """In the order in which they are declared."""
    wanted = set(scopes)
    return " ".join(f"`{scope}`" for scope in tables.scopes if scope in wanted)


def _words(rights: Iterable[str]) -> str:
    return ", ".join(sorted(right.replace("_", " ") for right in rights))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
