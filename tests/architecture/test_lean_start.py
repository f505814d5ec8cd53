"""A command loads what it does, and no more: who imports products does not wait for the modules of the web."""

import subprocess
import sys

import pytest

WEB = {"litestar", "uvicorn", "strawberry", "graphql", "jinja2"}
CLIENTS = {"redis", "aio_pika", "pymongo", "opensearchpy", "webauthn", "obstore", "alembic", "sqlalchemy"}


def loaded(module: str) -> set[str]:
    """The top-level modules of a process that has imported this one."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["renga.cli", "renga.settings", "renga.commands.products"])
def test_what_needs_no_web_and_no_clients_of_engines_loads_none(module: str) -> None:
    found = loaded(module)
    assert "msgspec" in found
    assert not found & (WEB | CLIENTS)


def test_what_serves_loads_the_web() -> None:
    assert {"litestar", "redis"} <= loaded("renga.commands.serving")
