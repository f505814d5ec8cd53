"""Clients by others against the real server over HTTP: openid-client and oauth4webapi (npm), authlib (PyPI)."""

import asyncio
import contextlib
import shutil
import socket
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
import uvicorn

from renga.kernel.clock import SystemClock
from tests.identity.oauth.house import ANA, CALLBACK, House, open_house
from tests.support import eventually

with warnings.catch_warnings():
    # it announces that httpx will be replaced there
    warnings.simplefilter("ignore")
    from authlib.integrations.base_client.errors import OAuthError  # type: ignore[import-untyped] # authlib ships no types
    from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped] # as above

NODE = Path(__file__).parent / "node"
INSTALL_TIMEOUT_S = RUN_TIMEOUT_S = 60


@pytest.fixture
async def served(database_url: str, valkey_url: str) -> AsyncIterator[House]:
    """The house on a port of this machine, with Ana logged in."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with open_house(database_url, valkey_url, clock=SystemClock(), issuer=issuer) as house:
            config = uvicorn.Config(house.app, loop="none", lifespan="off", access_log=False, log_config=None)
            server = uvicorn.Server(config)
            server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment] # the signals are pytest's
            serving = asyncio.create_task(server.serve(sockets=[listener]))

            async def started() -> bool:
                return server.started

            await eventually(started)
            house.log_in()
            yield house
            server.should_exit = True
            await serving


async def run(*command: str, folder: Path, timeout_s: int) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), timeout_s)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, err.decode()
    return out.decode()


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the scripts; what they need is installed by their lock, hashes checked."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not on this machine")
    folder = tmp_path_factory.mktemp("node")
    for file in NODE.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    command = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    asyncio.run(run(*command, folder=folder, timeout_s=INSTALL_TIMEOUT_S))
    return folder


async def drive(script: str, folder: Path, house: House) -> Any:
    arguments = (house.issuer, "renga_session=browser", "spa", CALLBACK)
    return msgspec.json.decode(await run("node", script, *arguments, folder=folder, timeout_s=RUN_TIMEOUT_S))


async def test_openid_client_logs_in_pushes_proves_refreshes_and_revokes(packages: Path, served: House) -> None:
    same = {"subject": ANA, "email": "ana@example.com", "amr": ["pwd"], "after": "invalid_grant"}
    assert await drive("openid_client.mjs", packages, served) == {
        "bearer": same | {"type": "bearer"},
        "dpop": same | {"type": "dpop"},
    }


async def test_oauth4webapi_pushes_proves_with_both_curves_and_refreshes(packages: Path, served: House) -> None:
    same = {"subject": ANA, "type": "dpop", "bound": True, "audience": "renga"}
    assert await drive("oauth4webapi.mjs", packages, served) == {"ES256": same, "Ed25519": same}


async def test_authlib_logs_in_refreshes_and_revokes(served: House) -> None:
    options = {"code_challenge_method": "S256", "redirect_uri": CALLBACK, "scope": "openid offline_access cart"}
    async with AsyncOAuth2Client("web", "s3cret", **options) as client:
        url, state = client.create_authorization_url(f"{served.issuer}/oauth/authorize", code_verifier="v" * 43)
        async with httpx.AsyncClient(cookies={"renga_session": "browser"}) as browser:
            answer = (await browser.get(url)).headers["location"]
        assert parse_qs(urlsplit(answer).query)["state"] == [state]
        token_url = f"{served.issuer}/oauth/token"
        first = await client.fetch_token(token_url, authorization_response=answer, code_verifier="v" * 43)
        second = await client.refresh_token(token_url, first["refresh_token"])
        assert second["refresh_token"] != first["refresh_token"]
        info = await client.get(f"{served.issuer}/oauth/userinfo")
        assert info.json() == {"sub": ANA}
        await client.revoke_token(f"{served.issuer}/oauth/revoke", token=second["refresh_token"])
        with pytest.raises(OAuthError, match="invalid_grant"):
            await client.refresh_token(token_url, second["refresh_token"])
