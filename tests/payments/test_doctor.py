"""``renga doctor`` on payment providers."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from renga.domains.payments.opening import open_providers
from renga.domains.payments.providers.doctor import check_providers
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.clock import SystemClock
from renga.platform.engines.folder import DataFolder
from renga.platform.settings import PlatformSettings, Secret
from tests.engines.process import free_port


async def found(folder: Path, **settings: object) -> list[tuple[str, str, str]]:
    payments = PaymentSettings(**settings)  # type: ignore[arg-type] # as a test names them
    opened = partial(open_providers, clock=SystemClock(), public_url="")
    checks = await check_providers(PlatformSettings(data=str(folder)), payments, opened)
    return [(one.name, one.status, one.detail) for one in checks]


@pytest.fixture(params=[b"renga-provider: test\r\n", b""], ids=["provider", "another program"])
async def listening(request: pytest.FixtureRequest) -> AsyncIterator[tuple[str, bool]]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + request.param + b"content-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    port = free_port(57_000)
    async with await asyncio.start_server(answer, "127.0.0.1", port):
        yield f"http://127.0.0.1:{port}", bool(request.param)


async def test_the_test_provider_answers_or_something_else_does(tmp_path: Path, listening: tuple[str, bool]) -> None:
    url, is_it = listening
    order = ("payments", "ok", "providers in this order: simulated")
    then = ("ok", f"{url}; it takes no real money") if is_it else ("fail", f"{url} is another program")
    assert await found(tmp_path, simulator_url=url) == [order, ("test provider", *then)]
    folder = DataFolder(tmp_path)
    with folder.hold():
        folder.announce({"provider": url})
        assert await found(tmp_path) == [order, ("test provider", *then)]


async def test_a_test_provider_that_is_away_and_one_that_was_never_started(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port(57_500)}"
    assert (await found(tmp_path, simulator_url=url))[1] == (
        "test provider",
        "fail",
        f"{url} does not answer: ConnectError",
    )
    said = "the simulated provider, which `renga up` starts; not running now"
    assert await found(tmp_path) == [("payments", "ok", said)]
    with DataFolder(tmp_path).hold():
        assert await found(tmp_path) == [("payments", "warn", "no provider: nothing can be paid")]
    assert await found(tmp_path, simulator_url="none") == [("payments", "warn", "no provider: nothing can be paid")]


async def test_settings_of_a_provider_that_are_not_whole(tmp_path: Path) -> None:
    ((name, status, detail),) = await found(tmp_path, providers="stripe", stripe_key=Secret("sk_live_hush"))
    assert (name, status) == ("payments", "fail")
    assert "payments.stripe_webhook_secret" in detail
    assert "hush" not in detail
    assert await found(tmp_path, providers="paypal") == [
        ("payments", "fail", "payments.providers: there is no provider 'paypal'; there are pix, simulated, stripe")
    ]
