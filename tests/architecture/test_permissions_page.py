"""The permission table says what the routes declare, in any order of them."""

from typing import Any

from joserfc.jwk import KeySet
from litestar import Litestar, get, post

from renga.apps.app import Application
from renga.apps.modules import DECLARED
from renga.apps.permissions_page import PermissionEntry, entries_of, permissions_markdown
from renga.kernel.clock import SystemClock
from renga.platform.auth.access import PUBLIC, Access
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.gate import Gate
from renga.platform.http.lean import Answer, Call, LeanTable, Operation


async def _answer(call: Call) -> Answer:
    return Answer(200)


def _operation(method: str, path: str, access: Access) -> Operation:
    return Operation(
        method=method, path=path, handler=_answer, access=access, rate="read", id=f"{method}{path}", summary="", tag="x"
    )


def test_the_entries_are_those_of_litestar_and_of_lean_operations() -> None:
    own = Access(scopes=("account",), objects="her own")
    guest = Access(scopes=("cart",), guest=True, objects="a cart")

    @get("/me", opt={"access": own})
    async def me() -> str:
        return ""

    @post("/me", opt={"access": own})
    async def change() -> str:
        return ""

    app = Litestar([me, change], openapi_config=None)
    verifier = TokenVerifier(KeySet([]), issuer="renga", clock=SystemClock())
    gate = Gate(Authenticator(verifier))
    api = Application(
        app=app,
        lean=LeanTable(
            app,
            [],
            body_max_bytes=0,
            gate=gate,
        ),
        operations=[_operation("GET", "/carts/{id}", guest)],
        cached={},
        fields=[("Query.cart", "GRAPHQL", guest)],
        scopes={},
    )
    assert entries_of(api) == [
        PermissionEntry("/carts/{id}", "GET", guest),
        PermissionEntry("/me", "GET", own),
        PermissionEntry("/me", "POST", own),
        PermissionEntry("Query.cart", "GRAPHQL", guest),
    ]


def test_a_route_says_who_may_and_whose_objects_it_reaches() -> None:
    entries = [
        PermissionEntry("/b", "GET", PUBLIC),
        PermissionEntry("/a", "POST", Access(scopes=("account", "cart"), objects="her own | nobody else's")),
        PermissionEntry("/a", "GET", Access(objects="anything")),
        PermissionEntry("/c", "GET", Access(scopes=("cart",), guest=True, instead=("carts:any",), objects="a cart")),
        PermissionEntry("/d", "POST", Access(guest=True, own_client=True, objects="the client's own")),
        PermissionEntry("/e", "GET", Access(guest=True, objects="the browser's own")),
    ]
    text = permissions_markdown(entries, DECLARED)
    assert text == permissions_markdown(entries[::-1], DECLARED)
    table = text.split("| route | scope | whose objects |\n| --- | --- | --- |\n")[1].split("\n\n")[0]
    assert table.splitlines() == [
        "| `GET /a` | *any* | anything |",
        "| `POST /a` | `account` and `cart` | her own \\| nobody else's |",
        "| `GET /b` | *public* | public |",
        "| `GET /c` | *guest*, or `cart` or `carts:any` | a cart |",
        "| `POST /d` | *client's own credentials* | the client's own |",
        "| `GET /e` | *guest* | the browser's own |",
    ]


def test_every_scope_and_every_stakeholder_has_a_row() -> None:
    text = permissions_markdown([], DECLARED)
    lines: list[Any] = text.splitlines()
    for scope, meaning in DECLARED.scopes.items():
        assert f"| `{scope}` | {meaning} |" in lines
    for who, scopes in DECLARED.grants.items():
        row = next(line for line in lines if line.startswith(f"| {who} |"))
        assert row.count("`") == 2 * len(scopes)
    assert "| clerk | `catalog:write` `inventory:write` `orders:sold` | see |" in lines
