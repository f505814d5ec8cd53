"""A command loads what it does, and no more: who imports products does not wait for the modules of the web."""

import subprocess
import sys
from pathlib import Path

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


#: What no process of a shop uses: tracebacks in colours, metrics of OpenTelemetry (its traces only if they are on), Stripe
#: (only if it is a provider).
UNUSED = {"rich", "pygments", "opentelemetry", "stripe"}
#: What only a process that serves requests uses: tokens, passkeys, mails, encrypted answers.
SERVING = WEB | IDENTITY | {"joserfc", "httpx", "webauthn", "pyotp", "segno", "zxcvbn", "yaml", "typer", "PIL"}
#: Prints what is loaded when all modules are open, as a worker or a web process has them.
OPENED = """
import asyncio, sys
from renga.apps.{app} import {names}
from renga.apps.settings import load_settings, reach
from renga.platform.settings import Sources

async def main():
    data, redis, database = sys.argv[1:]
    overrides = {{"data": data, "redis": redis, "bus": redis, "database": database}}
    settings = reach(load_settings(Sources({{}}, None, overrides)))
    async with {opening}(settings) as process:
        {then}
        print(*{{name.partition(".")[0] for name in sys.modules}})

asyncio.run(main())
"""
WORKER = OPENED.format(app="work", names="open_worker", opening="open_worker", then="")
SERVES = OPENED.format(
    app="serve",
    names="gate_of, make_api, open_process",
    opening="open_process",
    then="make_api(process.opened, gate=gate_of(process), sessions=process.resources.sessions)",
)


def loaded(module: str) -> set[str]:
    """The top-level modules of a process that has imported this one."""
    return said_by(f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})")


def said_by(code: str, *arguments: str) -> set[str]:
    """The words that a Python process prints."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
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


def test_what_serves_loads_the_web_and_nothing_that_no_request_needs() -> None:
    found = loaded("renga.apps.commands.serving")
    assert {"litestar", "redis"} <= found
    assert found & UNUSED == set()


def test_a_worker_is_imported_without_what_only_requests_need() -> None:
    found = loaded("renga.apps.work")
    assert {"redis", "asyncpg", "prometheus_client"} <= found
    assert found & (SERVING | UNUSED) == set()


def test_an_open_worker_has_loaded_nothing_that_only_requests_need(
    valkey_url: str, database_url: str, tmp_path: Path
) -> None:
    found = said_by(WORKER, str(tmp_path), valkey_url, database_url)
    assert {"redis", "asyncpg", "prometheus_client"} <= found
    assert found & (SERVING | UNUSED) == set()
    assert "_cffi_backend" not in found  # cryptography's own


def test_an_open_shop_has_loaded_no_library_of_passkeys_and_nothing_that_no_request_needs(
    valkey_url: str, database_url: str, tmp_path: Path
) -> None:
    found = said_by(SERVES, str(tmp_path), valkey_url, database_url)
    assert {"litestar", "strawberry", "joserfc", "jinja2"} <= found
    assert found & (UNUSED | {"webauthn", "cbor2", "OpenSSL", "zxcvbn", "PIL", "httpx", "pydantic", "attr"}) == set()


def test_a_library_is_imported_without_a_companion_only_inside_the_block() -> None:
    code = """
import sys
from renga.platform.optional_imports import without
with without("colorsys", "json"):
    try:
        import colorsys
    except ModuleNotFoundError:
        print("hidden")
    import json
import colorsys, json
print(colorsys.__name__, json.dumps("kept")[1:-1])
"""
    assert said_by(f"import json{code}") == {"hidden", "colorsys", "kept"}
