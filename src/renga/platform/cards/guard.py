"""Refuses requests that have the number of a card: the head before anything else, the body as soon as it is read."""

from collections.abc import Callable, Sequence
from typing import Any

from renga.kernel.card_numbers import may_hold_card
from renga.platform.cards.bodies import check_body
from renga.platform.cards.declared import CardRules, CardRulesTable
from renga.platform.cards.heads import card_in_head, may_hold_card_in_head
from renga.platform.cards.refusal import CardNumberRefused

#: Larger bodies are not read in full by any handler that does not say so.
BODY_MAX_BYTES = 1 << 20

#: Of ``scope["renga_clean"]``, which a connection sets: there is surely no card's number in the head, or in the body either.
HEAD, WHOLE = 1, 2


def is_clean(piece: bytes) -> bool:
    """Whether a piece of a connection's bytes has surely no card's number, nor a header that may hide one."""
    return not may_hold_card(piece) and b"asic " not in piece


class CardGuard:
    """``rules`` are asked for when the first number is found. Without rules nothing is exempt."""

    def __init__(
        self, rules: Callable[[], Sequence[CardRules]] = tuple, *, body_max_bytes: int = BODY_MAX_BYTES
    ) -> None:
        self._rules = rules
        self._made: CardRulesTable | None = None
        self._body_max_bytes = body_max_bytes

    @property
    def _table(self) -> CardRulesTable:
        if self._made is None:
            self._made = CardRulesTable(self._rules())
        return self._made

    def suspects(self, scope: Any) -> bool:
        """Whether the head has to be looked at by ``refusal_of``."""
        return "renga_clean" not in scope and may_hold_card_in_head(scope)

    def refusal_of(self, scope: Any) -> CardNumberRefused | None:
        """The refusal of a request for its head."""
        if not self.suspects(scope):
            return None
        field = card_in_head(scope, self._table)
        return None if field is None else CardNumberRefused(field)

    async def check(self, scope: Any, body: bytes) -> None:
        """Raises CardNumberRefused for a body."""
        if may_hold_card(body):
            rules, _ = self._table.find(scope["method"], scope["path"])
            await check_body(body, _content_type(scope), rules)

    def receiving(self, scope: Any, receive: Any) -> Any:
        """``receive`` of an application: it raises CardNumberRefused in place of a body with a card's number."""
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return receive
        return _CheckedBody(self, scope, receive).receive

    def limits_of(self, scope: Any) -> tuple[bool, int]:
        """Whether the handler checks its body itself; how many bytes it reads at most."""
        rules, _ = self._table.find(scope["method"], scope["path"])
        return rules.streamed, rules.body_max_bytes or self._body_max_bytes


class _CheckedBody:
    """A body is read to its end before its first byte is given away; one that is larger than its handler takes is not."""

    def __init__(self, guard: CardGuard, scope: Any, receive: Any) -> None:
        self._guard, self._scope, self._receive = guard, scope, receive
        self._messages: list[Any] | None = None

    async def receive(self) -> Any:
        if self._messages is None:
            self._messages = await self._read()
        return self._messages.pop(0) if self._messages else await self._receive()

    async def _read(self) -> list[Any]:
        streamed, most = self._guard.limits_of(self._scope)
        if streamed:
            return []
        messages, size, more = [], 0, True
        while more and size <= most:
            messages.append(await self._receive())
            more = messages[-1]["type"] == "http.request" and messages[-1].get("more_body", False)
            size += len(messages[-1].get("body", b""))
        if size <= most:
            await self._guard.check(self._scope, b"".join(message.get("body", b"") for message in messages))
        return messages


def _content_type(scope: Any) -> str:
    value: bytes = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return value.decode("latin-1")
