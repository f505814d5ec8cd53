"""The simulated provider in this process, with a shop that receives its messages."""

import asyncio
import contextlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from renga.platform.settings import Secret
from renga.simulators.payment_provider.application import ProviderApplication
from renga.simulators.payment_provider.delivery import Delivery
from renga.simulators.payment_provider.desk import ProviderDesk
from renga.simulators.payment_provider.http.tokens import kept_token
from renga.simulators.payment_provider.posting import PostFailed
from renga.simulators.payment_provider.requests import CardEntry
from renga.simulators.payment_provider.secrets_of import secrets_of
from renga.simulators.payment_provider.settings import SimulatedProviderSettings
from renga.simulators.payment_provider.storage.database import ProviderDatabase
from tests.documented import PROVIDER_HOST

KEY = "sk_test"
#: No shop of a test is there, and the provider has addresses of the same names: ``tests/documented.py`` knows this one.
BASE = f"https://{PROVIDER_HOST}"
SHOP = "http://shop.example/v1/webhooks/simulated"
GOOD = "4242424242424242"


class Shop:
    """Receives messages in place of the network; ``answers`` are given first, then 200."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.answers: list[int | None] = []
        self._news = asyncio.Event()

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        status = self.answers.pop(0) if self.answers else 200
        if status is None:
            raise PostFailed("nobody is there")
        self.received.append((url, json.loads(body), headers | {"raw": body.decode()}))
        self._news.set()
        return status

    def close(self) -> None:
        self._news.set()

    @property
    def types(self) -> list[str]:
        return [said["type"] for _, said, _ in self.received]

    async def wait(self, count: int, timeout_s: float = 10.0) -> None:
        async with asyncio.timeout(timeout_s):
            while len(self.received) < count:
                self._news.clear()
                await self._news.wait()


class Provider:
    """``client`` has the secret key; ``anonymous`` has none."""

    def __init__(self, desk: ProviderDesk, app: ProviderApplication, shop: Shop) -> None:
        self.desk, self.app, self.shop = desk, app, shop
        transport = httpx.ASGITransport(app)
        self.anonymous = httpx.AsyncClient(transport=transport, base_url=BASE)
        self.client = httpx.AsyncClient(transport=transport, base_url=BASE, headers={"authorization": f"Bearer {KEY}"})
        self._keys = 0

    async def post(self, path: str, body: object = None, *, key: str | None = None) -> httpx.Response:
        self._keys += 1
        headers = {"idempotency-key": key or f"key-{self._keys}"}
        return await self.client.post(path, json={} if body is None else body, headers=headers)

    async def token(self, number: str = GOOD) -> str:
        body = {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "1234" if number[0] == "3" else "123"}
        answer = await self.anonymous.post("/tokens", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def token_now(self, number: str = GOOD) -> str:
        """A token, made without a request."""
        entry = CardEntry(number=number, exp_month=12, exp_year=2040, cvc="123")
        with self.desk.serving():
            return str(kept_token(self.desk, entry)["token"])

    async def card(self, number: str = GOOD, amount: int = 10_000, **further: Any) -> dict[str, Any]:
        """The answer to an authorisation (or, with ``capture``, a payment)."""
        body = {"amount": amount, "currency": "BRL", "token": await self.token(number), **further}
        said: dict[str, Any] = (await self.post("/v1/payments", body)).json()
        return said

    async def asynchronous(self, method: str, amount: int = 10_000, **further: Any) -> dict[str, Any]:
        answer = await self.post("/v1/payments", {"amount": amount, "currency": "BRL", "method": method, **further})
        assert answer.status_code == 202, answer.text
        payment: dict[str, Any] = answer.json()["payment"]
        return payment

    async def read(self, payment: str) -> dict[str, Any]:
        said: dict[str, Any] = (await self.client.get(f"/v1/payments/{payment}")).json()
        return said

    async def advance(self, seconds: int) -> None:
        assert (await self.post("/test/clock", {"advance_s": seconds})).status_code == 200

    async def pay(self, payment: dict[str, Any], query: str = "") -> dict[str, Any]:
        answer = await self.anonymous.post(f"/test/pay/{payment['id']}{query}")
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said


@asynccontextmanager
async def provider_in(folder: Path, **further: Any) -> AsyncIterator[Provider]:
    values: dict[str, Any] = {"shop_webhook": SHOP, "secret_key": Secret(KEY), "hang_s": 0.05, "late_s": 0.2}
    settings = SimulatedProviderSettings(**(values | further))
    database, shop = ProviderDatabase(folder), Shop()
    desk = ProviderDesk(database, settings, secrets_of(settings, b"a shop"), BASE)
    delivery = Delivery(desk, shop)
    running = asyncio.create_task(delivery.run())
    provider = Provider(desk, ProviderApplication(desk, delivery), shop)
    try:
        yield provider
    finally:
        await provider.anonymous.aclose()
        await provider.client.aclose()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        database.close()


def is_signed(provider: Provider, headers: dict[str, str]) -> bool:
    """Whether a message has the signature that the guide describes."""
    at, _, mac = headers["Renga-Provider-Signature"].partition(",")
    said = f"{at.removeprefix('t=')}.{headers['raw']}".encode()
    expected = hmac.new(provider.desk.secret.webhook, said, "sha256").hexdigest()
    return mac == f"v1={expected}"
