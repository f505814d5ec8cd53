"""A command loads what it does, and no more: who imports products does not wait for the modules of the web."""

import subprocess
import sys

import pytest

WEB = {"litestar", "uvicorn", "strawberry", "graphql", "jinja2", "babel"}
CLIENTS = {"redis", "aio_pika", "pymongo", "opensearchpy", "webauthn", "obstore", "alembic", "sqlalchemy"}
METRICS = {"opentelemetry", "prometheus_client"}
#: What only the web and workers do: mails, hashes of passwords, clients of OAuth.
IDENTITY = {"aiosmtplib", "argon2", "authlib"}
LIGHT = (
    "apps.cli",
    "apps.modules",
    "apps.settings",
    "domains.catalog.commands.products",
    "apps.commands.tokens",
    "apps.commands.settings",
)


def loaded(module: str) -> set[str]:
    """The top-level modules of a process that has imported this one."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", LIGHT)
def test_what_needs_no_web_and_no_clients_of_engines_loads_none(module: str) -> None:
    found = loaded(f"renga.{module}")
    assert "msgspec" in found
    assert found & (WEB | CLIENTS | METRICS | IDENTITY) == set()


def test_the_command_line_loads_no_engines_driver_at_all() -> None:
    assert "asyncpg" not in loaded("renga.apps.cli")


def test_who_follows_events_loads_neither_the_web_nor_the_client_of_a_bus_that_is_not_there() -> None:
    assert loaded("renga.apps.commands.tail") & (WEB | {"aio_pika", "asyncpg"}) == set()


def test_what_serves_loads_the_web() -> None:
    assert {"litestar", "redis"} <= loaded("renga.apps.commands.serving")
