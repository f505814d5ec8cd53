"""Requests to the Pix API with an access token by client credentials (RFC 6749, 4.4), and the provider's mutual TLS."""

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from renga.domains.payments.providers.pix.objects import PixErrorBody, PixToken
from renga.kernel.clock import Clock

Answer = TypeVar("Answer")
SCOPES = "cob.write cob.read cobv.write cobv.read pix.write pix.read"
#: A token is renewed this long before it ends.
RENEW_MS = 30_000
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol)


class PixRefused(Exception):
    """The provider answered that it does not do this. ``status``: of HTTP."""

    def __init__(self, status: int, problem: PixErrorBody) -> None:
        super().__init__(f"{status} {problem.title} {problem.detail}"[:500])
        self.status, self.problem = status, problem


class PixUnreached(Exception):
    """The request was not sent: no connection, or no access token."""


class PixUnclear(Exception):
    """The provider may have acted, or not."""


class PixClient:
    """``client`` (its base URL is the API's, without a slash at its end) is closed with this one."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        token_url: str,
        client_id: str,
        client_secret: str,
        clock: Clock,
        deadline_s: float,
    ) -> None:
        self._client, self._token_url, self._credentials = client, token_url, (client_id, client_secret)
        self._clock, self._deadline_s = clock, deadline_s
        self._token, self._ends_ms = "", 0
        self._renewing = asyncio.Lock()

    async def send(
        self, method: str, path: str, answer: type[Answer], body: Any = None, params: Mapping[str, Any] | None = None
    ) -> Answer:
        """Raises PixRefused, PixUnreached, PixUnclear."""
        token = await self._access(None)
        response = await self._request(method, path, token, body, params)
        if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            # withdrawn before its time (providers answer the one or the other): nothing was done
            response = await self._request(method, path, await self._access(token), body, params)
        status = response.status_code
        if status == 429 or not 200 <= status < 500:
            raise PixUnclear(f"{method} {path}: status {status}")
        try:
            if status >= 400:
                raise PixRefused(status, _problem(response.content))
            return msgspec.json.decode(response.content, type=answer)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise PixUnclear(f"{method} {path}: not an answer of the Pix API") from error

    async def close(self) -> None:
        await self._client.aclose()

    async def _request(
        self, method: str, path: str, token: str, body: Any, params: Mapping[str, Any] | None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._client.request(method, path, json=body, params=params, headers=headers)
        except _NEVER_SENT as error:
            raise PixUnreached(f"{type(error).__name__}: {error}") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise PixUnclear(f"{type(error).__name__}: {error}") from error

    async def _access(self, refused: str | None) -> str:
        """The token; a new one if it ends soon or if it is the one that was refused. Raises PixUnreached."""
        async with self._renewing:
            now_ms = self._clock.now_ms()
            if self._token in ("", refused) or now_ms > self._ends_ms - RENEW_MS:
                granted = await self._granted()
                self._token, self._ends_ms = granted.access_token, now_ms + granted.expires_in * 1000
            return self._token

    async def _granted(self) -> PixToken:
        form = {"grant_type": "client_credentials", "scope": SCOPES}
        try:
            async with asyncio.timeout(self._deadline_s):
                response = await self._client.post(self._token_url, data=form, auth=self._credentials)
            response.raise_for_status()
            return msgspec.json.decode(response.content, type=PixToken)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise PixUnreached(f"no access token: {type(error).__name__}") from error


def open_connection(url: str, *, certificate: Path | None, deadline_s: float) -> httpx.AsyncClient:
    """Connections to the API. ``certificate``: a PEM file with the shop's certificate and its key (mutual TLS).

    Raises OSError and ssl.SSLError if the file cannot be read or is no certificate.
    """
    context = ssl.create_default_context()
    if certificate is not None:
        context.load_cert_chain(certificate)
    return httpx.AsyncClient(base_url=url.rstrip("/"), verify=context, timeout=deadline_s)


def _problem(body: bytes) -> PixErrorBody:
    try:
        return msgspec.json.decode(body, type=PixErrorBody)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return PixErrorBody(title="no reason that could be read")
