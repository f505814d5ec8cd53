"""GraphQL over HTTP as others understand it: npm graphql-http's audit of a server passes in every point."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import uvicorn

from renga.frontends.bff.graphql.settings import GraphQLSettings
from tests.bff.shop import GraphShop
from tests.identity.oauth.test_clients_by_others import INSTALL_TIMEOUT_S, RUN_TIMEOUT_S, run
from tests.support import eventually

NODE = Path(__file__).parent / "node"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script; what it needs is installed by its lock, hashes checked."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not on this machine")
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", "audit.mjs"):
        shutil.copy(NODE / name, folder)
    command = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    asyncio.run(run(*command, folder=folder, timeout_s=INSTALL_TIMEOUT_S))
    return folder


@pytest.fixture(params=["answers kept", "nothing kept"])
async def address(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    shop = GraphShop(GraphQLSettings(answers_max=100 if request.param == "answers kept" else 0))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(shop.app, loop="none", lifespan="off", access_log=False, log_config=None)
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment] # the signals are pytest's
        serving = asyncio.create_task(server.serve(sockets=[listener]))

        async def started() -> bool:
            return server.started

        await eventually(started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"
        server.should_exit = True
        await serving


async def test_the_server_passes_all_61_audits(packages: Path, address: str) -> None:
    found = msgspec.json.decode(await run("node", "audit.mjs", address, folder=packages, timeout_s=RUN_TIMEOUT_S))
    assert found == {"total": 61, "ok": 61, "other": []}
