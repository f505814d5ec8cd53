"""The schema says who may read each field, is committed as it is, and refuses to break clients unasked."""

from pathlib import Path

import pytest
import strawberry

from renga.apps.commands.contracts import ContractBroken, generate
from renga.frontends.bff.graphql import schema as schema_module
from renga.frontends.bff.graphql.fields import CART, access_of, public
from renga.frontends.bff.graphql.schema import accesses, core_schema, fields_of
from renga.frontends.bff.graphql.sdl import breaking_changes, sdl
from renga.platform.auth.access import PUBLIC
from renga.platform.settings import SettingsInvalid

ROOT = Path(__file__).parents[2]


def test_every_field_declares_who_may_read_it() -> None:
    silent = [path for path, field in fields_of(core_schema()) if access_of(field) is None]
    assert silent == []
    carts = {path for path, access in accesses() if access == CART}
    assert carts == {path for path, _ in accesses() if path.startswith(("Cart.", "CartLine.", "LineOption."))} | {
        "Query.cart"
    }
    assert all(access in (PUBLIC, CART) for _, access in accesses())


def test_a_schema_with_a_field_that_declares_nothing_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> str:
        return ""

    @strawberry.type
    class Query:
        said: str = public(told, "Says who may.")
        silent: str = strawberry.field(resolver=told)

    monkeypatch.setattr(schema_module, "Query", Query)
    with pytest.raises(SettingsInvalid, match=r"Query\.silent does not declare"):
        schema_module.strawberry_schema.__wrapped__()


def test_every_field_says_what_it_is() -> None:
    assert [path for path, field in fields_of(core_schema()) if not field.description] == []


def test_the_permission_table_lists_every_field() -> None:
    table = (ROOT / "docs" / "guides" / "permissions.md").read_text("utf-8")
    assert [path for path, _ in accesses() if f"`GRAPHQL {path}`" not in table] == []


def test_the_committed_schema_is_the_one_that_runs() -> None:
    assert (ROOT / "contracts" / "schema.graphql").read_text("utf-8") == sdl()


def test_what_clients_would_miss_is_named() -> None:
    assert breaking_changes(sdl()) == []
    richer = sdl().replace("type Seo {", "type Seo {\n  keywords: String!\n")
    assert breaking_changes(richer) == ["Field Seo.keywords was removed."]
    poorer = sdl().replace('  """The brand."""\n  brand: String\n', "")
    assert poorer != sdl()
    assert breaking_changes(poorer) == []


def test_contracts_refuse_a_breaking_change_unless_it_is_meant(tmp_path: Path) -> None:
    folder = tmp_path / "contracts"
    generate(folder, check=False)
    released = folder / "released" / "schema.graphql"
    released.write_text(sdl().replace("type Seo {", "type Seo {\n  keywords: String!\n"), "utf-8")
    before = released.read_text("utf-8")
    for check in (True, False):
        with pytest.raises(ContractBroken, match=r"Seo\.keywords was removed"):
            generate(folder, check=check)
        assert released.read_text("utf-8") == before
    generate(folder, check=False, breaking=True)
    assert released.read_text("utf-8") == sdl()
