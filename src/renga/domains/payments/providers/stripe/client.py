"""Requests to Stripe by its package; answers are read into our structs."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

import httpx
import msgspec
import stripe

from renga.domains.payments.providers.stripe.objects import StripeFailure, StripeList
from renga.domains.payments.providers.stripe.transport import HttpxForStripe

Answer = TypeVar("Answer")
#: Another request with the same key is still under way there: how often we ask again, and how long we wait between.
BUSY_TRIES_MAX = 4
BUSY_PAUSE_S = 0.25
#: Objects on one page of a list (Stripe's maximum), and how many pages are read of one list.
PAGE_OBJECTS = 100
PAGES_MAX = 100
_ID = re.compile(r"[A-Za-z0-9_]{1,255}")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol)


class StripeRefused(Exception):
    """Stripe answered that it does not do this. ``status``: of HTTP."""

    def __init__(self, status: int, failure: StripeFailure) -> None:
        super().__init__(f"{status} {failure.code or failure.type}: {failure.message}")
        self.status, self.failure = status, failure


class StripeUnreached(Exception):
    """Nothing was sent: there was no connection."""


class StripeUnclear(Exception):
    """Stripe may have acted, or not: no answer, one that says nothing, or the same key is in use."""


class StripeClient:
    """``url`` is the API's address; ``client`` is closed with this one."""

    def __init__(self, key: str, url: str, client: httpx.AsyncClient, *, deadline_s: float) -> None:
        # its debug lines have the bodies of requests, and those have tokens
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self._transport = HttpxForStripe(client, deadline_s=deadline_s)
        self._stripe = stripe.StripeClient(
            key, base_addresses={"api": url.rstrip("/")}, http_client=self._transport, max_network_retries=0
        )

    async def get(self, answer: type[Answer], path: str, **params: Any) -> Answer:
        """Raises StripeRefused, StripeUnreached, StripeUnclear."""
        return await self._send("get", path, answer, params)

    async def post(self, answer: type[Answer], path: str, params: Mapping[str, Any], *, key: str) -> Answer:
        """A request that has an effect at most once per ``key``. Raises StripeRefused, StripeUnreached, StripeUnclear."""
        for _ in range(BUSY_TRIES_MAX):
            try:
                return await self._send("post", path, answer, {**params, "idempotency_key": key})
            except _Busy:
                await asyncio.sleep(BUSY_PAUSE_S)
        raise StripeUnclear("the key is in use")

    async def delete(self, answer: type[Answer], path: str) -> Answer:
        """Raises StripeRefused, StripeUnreached, StripeUnclear."""
        return await self._send("delete", path, answer, {})

    async def each(self, item: type[Answer], path: str, **params: Any) -> AsyncIterator[Answer]:
        """The objects of a list. Raises as ``get`` does, and StripeUnclear when the list is longer than PAGES_MAX pages."""
        for _ in range(PAGES_MAX):
            page = await self.get(StripeList[item], path, limit=PAGE_OBJECTS, **params)  # type: ignore[valid-type]
            for one in page.data:
                yield one
            if not page.has_more or not page.data:
                return
            params["starting_after"] = page.data[-1].id  # type: ignore[attr-defined] # each object has an id
        raise StripeUnclear(f"{path} has more than {PAGES_MAX} pages")

    async def close(self) -> None:
        await self._transport.close_async()

    async def _send(self, method: str, path: str, answer: type[Answer], params: Mapping[str, Any]) -> Answer:
        try:
            response = await self._stripe.raw_request_async(method, path, **params)
            return msgspec.convert(response.data, answer)
        except stripe.StripeError as error:
            raise _told(error) from error
        except (msgspec.ValidationError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            # the package reads errors without looking at their shape
            raise StripeUnclear(f"{path}: not an answer of Stripe") from error


class _Busy(StripeUnclear):
    pass


def is_stripe_id(text: str) -> bool:
    """Whether something at Stripe could have this id."""
    return _ID.fullmatch(text) is not None


def path_of(kind: str, identifier: str, action: str = "") -> str:
    """The path of an object. Raises StripeRefused (404) for what is no id."""
    if not is_stripe_id(identifier):
        raise StripeRefused(404, StripeFailure(code="resource_missing", message="this is no id of Stripe"))
    return f"/v1/{kind}/{identifier}" + (f"/{action}" if action else "")


def _told(error: stripe.StripeError) -> Exception:
    """What an error of the package means for us."""
    if isinstance(error, stripe.APIConnectionError):
        kind = StripeUnreached if isinstance(error.__cause__, _NEVER_SENT) else StripeUnclear
        return kind(str(error))
    status = error.http_status or 0
    body: Any = error.json_body.get("error", {}) if isinstance(error.json_body, dict) else {}
    if status == 409:
        return _Busy("the key is in use")
    if status == 429 or not 400 <= status < 500 or not isinstance(body, dict):
        return StripeUnclear(f"status {status}")
    try:
        return StripeRefused(status, msgspec.convert(body, StripeFailure))
    except msgspec.ValidationError:
        return StripeRefused(status, StripeFailure(type="unreadable"))
