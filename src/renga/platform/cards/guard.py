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
    """Whether a piece of a connection's bytes has surely no card's number; one may be in a header that is encoded as a whole."""
    return not may_hold_card(piece)


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
            await check_body(body, _content_type(scope), self.rules_of(scope))

    def receiving(self, scope: Any, receive: Any) -> Any:
        """``receive`` of an application: it raises CardNumberRefused in place of a body with a card's number."""
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return receive
        return _CheckedBody(self, scope, receive).receive

    def rules_of(self, scope: Any) -> CardRules:
        """What the request's operation declares."""
        return self._table.find(scope["method"], scope["path"])[0]

    @property
    def body_max_bytes(self) -> int:
        """Of an operation that declares nothing else."""
        return self._body_max_bytes


class _CheckedBody:
    """A body is read to its end before its first byte is given away; one that is larger than its handler takes is not."""

    def __init__(self, guard: CardGuard, scope: Any, receive: Any) -> None:
        self._scope, self._receive = scope, receive
        # now: a mount changes the path of its scope
        self._rules = guard.rules_of(scope)
        self._most = self._rules.body_max_bytes or guard.body_max_bytes
        self._messages: list[Any] | None = None

    async def receive(self) -> Any:
        if self._messages is None:
            self._messages = await self._read()
        return self._messages.pop(0) if self._messages else await self._receive()

    async def _read(self) -> list[Any]:
        if self._rules.streamed:
            return []
        messages, size, more = [], 0, True
        while more and size <= self._most:
            messages.append(await self._receive())
            more = messages[-1]["type"] == "http.request" and messages[-1].get("more_body", False)
            size += len(messages[-1].get("body", b""))
        body = b"".join(message.get("body", b"") for message in messages) if size <= self._most else b""
        if may_hold_card(body):
            await check_body(body, _content_type(self._scope), self._rules)
        return messages


def _content_type(scope: Any) -> str:
    value: bytes = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return value.decode("latin-1")
