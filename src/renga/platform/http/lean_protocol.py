"""Lean operations answered by their connection: one task and one write for each, without ASGI's messages between.

Table, gate, problems, headers and metrics are the edge's (``edge.py``); parsing, pipelining and the graceful stop are
uvicorn's: a request that is no lean operation goes to the application as ever.
"""

import asyncio
from typing import Any, Protocol

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from renga.platform.http.heads import Head, encoded
from renga.platform.http.lean import Found
from renga.platform.http.server_protocol import BoundedProtocol, protocol_of
from renga.platform.http.server_settings import HttpSettings

log = structlog.get_logger(__name__)

_LAST_LINE, _LAST_LINE_CLOSING = b"\r\n", b"connection: close\r\n\r\n"


class DirectAnswers(Protocol):
    """What a connection needs of the edge."""

    def find_direct(self, scope: Any) -> Found | None:
        """The lean operation of this request, if the connection may answer it; None: ask the application."""
        ...

    async def answer_direct(
        self, scope: Any, receive: Any, body: bytes | None, found: Found
    ) -> tuple[int, Head, bytes]:
        """Status, head and body of the answer, also of what went wrong. ``body`` None: it comes with ``receive``."""
        ...


class LeanProtocol(BoundedProtocol):
    """One connection. Made by ``lean_protocol_of``."""

    answers: DirectAnswers

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        scope: Any = cycle.scope
        # another application than ours: too many connections (uvicorn's own bound)
        found = self.answers.find_direct(scope) if app is self.app else None
        if found is None:
            super()._start_asgi_task(cycle, app)
            return
        self.tasks.add(self.loop.create_task(self._answer(cycle, found)))

    async def _answer(self, cycle: RequestResponseCycle, found: Found) -> None:
        # a body that is here in full needs no messages; who waits for "100 Continue" is told so by the first of them
        body = None if cycle.more_body or cycle.waiting_for_100_continue else bytes(cycle.body)
        try:
            answer = await self.answers.answer_direct(cycle.scope, cycle.receive, body, found)
            if self.flow.write_paused and not cycle.disconnected:
                await self.flow.drain()
            if not cycle.disconnected:
                self._write(cycle, *answer)
        except BaseException as error:
            # as uvicorn treats what leaves an application, cancellation at the end of a graceful stop included
            log.error("request_failed", exc_info=error)
            if cycle.response_started:
                self.transport.close()
            else:
                await cycle.send_500_response()
        finally:
            self.tasks.discard(asyncio.current_task(self.loop))

    def _write(self, cycle: RequestResponseCycle, status: int, head: Head, body: bytes) -> None:
        """The whole answer in one write."""
        keep = cycle.keep_alive
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        end = _LAST_LINE if keep else _LAST_LINE_CLOSING
        self.transport.write(b"".join((STATUS_LINE[status], self._server_lines(cycle), *head, end, body)))
        if not keep:
            self.transport.close()
        self.on_response_complete()

    #: Headers of the server as it has them at present (the date: another list each second), and their lines.
    _server_headers: tuple[list[tuple[bytes, bytes]], bytes] = ([], b"")

    def _server_lines(self, cycle: RequestResponseCycle) -> bytes:
        headers, lines = self._server_headers
        if cycle.default_headers is not headers:
            headers = cycle.default_headers
            lines = encoded(headers)
            type(self)._server_headers = headers, lines
        return lines


def lean_protocol_of(
    answers: DirectAnswers, settings: HttpSettings, trusted_proxies: tuple[str, ...] = ()
) -> type[BoundedProtocol]:
    """The protocol class of one server that answers lean operations itself. Raises SettingsInvalid."""
    return protocol_of(settings, trusted_proxies, base=LeanProtocol, answers=answers)
