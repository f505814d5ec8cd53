"""The permission table: each route with the scopes it demands and whose objects it reaches, each kind of account with its scopes.

It is made from what runs: the handlers' ``opt["access"]``, the lean operations' ``access``, and what the modules declare.
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
    """The whole page. The same entries in any order give the same text."""
    ordered = sorted(entries, key=lambda entry: (entry.path, entry.method))
    parts = [
        "# Who may do what",
        "Generated from the routes and from the `wiring.py` of each module; `make contracts` writes it, the build "
        "fails when it is stale. A route without a declared access does not start.",
        "## Routes",
        "*public*: anyone. *guest*: also without a credential, for who holds the object's id (a cart). *any*: every "
        "authenticated caller. Whose objects a route reaches is checked again where they are read: what is not hers is "
        "answered 404. *fresh login*: the last login is at most that old, else 401 `fresh_login_required`.",
        _table(("route", "scope", "whose objects"), [_route(entry) for entry in ordered]),
        "## Scopes",
        _table(("scope", "allows to"), [(f"`{scope}`", text) for scope, text in tables.scopes.items()]),
        "## Stakeholders",
        "What an account may use, whatever the proof. A staff account (merchant, operator, finance, admin) has these only "
        "after a login with a second factor; a client's token has those of them that the client may ask for and she allowed.",
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
        "An API key has at most what its maker may give: her own scopes without those about herself, or, for a merchant's key, "
        "her role's; and at each use only what she may then.",
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
