"""The scripted provider behind a socket, so that it outlives processes of the shop that are killed."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from renga.domains.payments.model.records import ProviderRecord
from renga.domains.payments.ports.provider import Authorise, Capture, Inquiry, Outcome, Refund, Void
from tests.payments.scripted_provider import ScriptedProvider

_ORDERS: dict[str, Any] = {
    "authorise": Authorise,
    "capture": Capture,
    "void": Void,
    "refund": Refund,
    "find": Inquiry,
}
LINE_BYTES_MAX = 1_000_000


class RemoteProvider(ScriptedProvider):
    """In a process of the shop: every call is a line to the socket, and one back."""

    path: Path

    async def _ask(self, kind: str, order: Any) -> Outcome:
        answer = await self._send(kind, order)
        return msgspec.json.decode(answer, type=Outcome)

    async def find(self, inquiry: Inquiry) -> Outcome | None:
        return msgspec.json.decode(await self._send("find", inquiry), type=Outcome | None)

    async def read(self, ref: str, method: str) -> ProviderRecord | None:
        raise NotImplementedError("nothing expires here")

    async def _send(self, kind: str, order: Any) -> bytes:
        reader, writer = await asyncio.open_unix_connection(str(self.path), limit=LINE_BYTES_MAX)
        try:
            writer.write(msgspec.json.encode([kind, order]) + b"\n")
            return await reader.readline()
        finally:
            writer.close()


async def serve(provider: ScriptedProvider, path: Path) -> asyncio.Server:
    """Answers until closed; whoever asks may vanish at any time."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            kind, order = msgspec.json.decode(await reader.readline(), type=tuple[str, msgspec.Raw])
            call: Callable[[Any], Awaitable[Outcome | None]] = getattr(provider, kind)
            done = await call(msgspec.json.decode(order, type=_ORDERS[kind]))
            writer.write(msgspec.json.encode(done) + b"\n")
            await writer.drain()
        except (ConnectionError, msgspec.DecodeError):
            pass  # it was killed
        finally:
            writer.close()

    return await asyncio.start_unix_server(answer, str(path), limit=LINE_BYTES_MAX)
