"""Migrations: cheap to ask for, all or nothing for a domain, safe when two processes run them at once."""

import asyncio
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from renga.platform.postgres import migrations
from renga.platform.postgres.errors import DatabaseUnavailable
from renga.platform.postgres.migrations import DatabaseAhead, MigrationFailed, Migrations, MigrationsInvalid

REVISION = '''"""{title}."""

from alembic import op

revision = "{revision}"
down_revision = {previous}


def upgrade() -> None:
    op.execute("""{sql}""")
'''


def write(folder: Path, revision: str, previous: str | None, sql: str, title: str = "A step") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = REVISION.format(title=title, revision=revision, previous=repr(previous), sql=sql)
    (folder / f"{revision}_step.py").write_text(text)


@pytest.fixture
def shop(tmp_path: Path) -> Migrations:
    folder = tmp_path / "shop" / "stores" / "migrations" / "versions"
    write(folder, "0001", None, "CREATE TABLE shop.things (id int PRIMARY KEY, name text)", "The things")
    write(folder, "0002", "0001", "INSERT INTO shop.things VALUES (1, 'a%b'); INSERT INTO shop.things VALUES (2, 'c')")
    return Migrations("shop", folder)


async def query(url: str, sql: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def test_an_upgrade_from_nothing_makes_the_schema_and_leaves_nothing_pending(
    empty_database_url: str, shop: Migrations
) -> None:
    waiting = await migrations.pending(empty_database_url, [shop])
    assert [(r.schema, r.revision, r.title) for r in waiting] == [
        ("shop", "0001", "The things."),
        ("shop", "0002", "A step."),
    ]
    assert await migrations.upgrade(empty_database_url, [shop]) == waiting
    assert await migrations.pending(empty_database_url, [shop]) == []
    assert await query(empty_database_url, "SELECT id, name FROM shop.things ORDER BY id") == [(1, "a%b"), (2, "c")]
    assert await query(empty_database_url, "SELECT version_num FROM shop.alembic_version") == [("0002",)]


async def test_an_upgrade_runs_only_what_is_new(empty_database_url: str, shop: Migrations) -> None:
    await migrations.upgrade(empty_database_url, [shop])
    write(shop.folder, "0003", "0002", "DELETE FROM shop.things WHERE id = 1")
    done = await migrations.upgrade(empty_database_url, [shop])
    assert [r.revision for r in done] == ["0003"]
    assert await query(empty_database_url, "SELECT id FROM shop.things") == [(2,)]


async def test_upgrades_at_the_same_time_run_each_migration_once(empty_database_url: str, shop: Migrations) -> None:
    results = await asyncio.gather(*(migrations.upgrade(empty_database_url, [shop]) for _ in range(3)))
    assert sorted(len(done) for done in results) == [0, 0, 2]
    assert await query(empty_database_url, "SELECT count(*) FROM shop.things") == [(2,)]


async def test_a_failing_migration_is_named_and_its_domain_stays_as_it_was(
    empty_database_url: str, shop: Migrations
) -> None:
    write(shop.folder, "0003", "0002", "ALTER TABLE shop.nothing ADD COLUMN x int")
    with pytest.raises(MigrationFailed, match=r'shop 0003: relation "shop.nothing" does not exist') as raised:
        await migrations.upgrade(empty_database_url, [shop])
    assert raised.value.extra == {"schema": "shop", "revision": "0003"}
    assert await query(empty_database_url, "SELECT 1 FROM pg_namespace WHERE nspname = 'shop'") == []
    assert [r.revision for r in await migrations.pending(empty_database_url, [shop])] == ["0001", "0002", "0003"]


async def test_a_migration_whose_code_is_broken_is_named(empty_database_url: str, shop: Migrations) -> None:
    broken = (shop.folder / "0002_step.py").read_text().replace("op.execute", "op.no_such_operation")
    (shop.folder / "0002_step.py").write_text(broken)
    with pytest.raises(MigrationFailed, match="shop 0002: AttributeError"):
        await migrations.upgrade(empty_database_url, [shop])
    assert await query(empty_database_url, "SELECT 1 FROM pg_namespace WHERE nspname = 'shop'") == []


async def test_history_says_what_was_applied(empty_database_url: str, shop: Migrations) -> None:
    await migrations.upgrade(empty_database_url, [shop])
    write(shop.folder, "0003", "0002", "SELECT 1")
    history = await migrations.history(empty_database_url, [shop])
    assert [(r.revision, r.applied) for r in history] == [("0001", True), ("0002", True), ("0003", False)]


async def test_a_database_of_a_newer_release_is_refused(empty_database_url: str, shop: Migrations) -> None:
    await migrations.upgrade(empty_database_url, [shop])
    (shop.folder / "0002_step.py").unlink()
    with pytest.raises(DatabaseAhead, match="shop is at revision '0002'"):
        await migrations.upgrade(empty_database_url, [shop])


async def test_migrations_that_fork_are_refused(empty_database_url: str, shop: Migrations) -> None:
    write(shop.folder, "0002b", "0001", "SELECT 1")
    with pytest.raises(MigrationsInvalid, match="two migrations follow '0001'"):
        await migrations.pending(empty_database_url, [shop])


async def test_an_absent_database_is_unavailable(shop: Migrations, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable):
        await migrations.pending(f"postgresql://postgres@/renga?host={tmp_path}", [shop])


async def test_every_domain_that_ships_migrations_is_found_and_applied(database_url: str) -> None:
    domains = migrations.discover()
    assert "catalog" in [domain.schema for domain in domains]
    assert await migrations.pending(database_url, domains) == []


def test_asking_does_not_import_the_migration_tool() -> None:
    code = "import sys, renga.platform.postgres.migrations; print(sorted({'alembic', 'sqlalchemy'} & set(sys.modules)))"
    source = str(Path(migrations.__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": source}, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "[]"
