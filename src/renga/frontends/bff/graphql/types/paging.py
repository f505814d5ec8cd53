"""Relay-style connections over the contracts' cursors: a cursor for every entry.

A contract gives only the cursor after a page. An entry in the middle is addressed by the page's cursor and an offset; the
last one by the cursor after it, which stays correct when entries are added before it.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import strawberry

from renga.domains.catalog.contract import PAGE_MAX, CursorInvalid
from renga.frontends.bff.graphql.errors import FirstOutOfRange
from renga.frontends.bff.graphql.fields import own, public
from renga.frontends.bff.graphql.sources import ListEdge, ListPage

FIRST_DEFAULT = 20


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The position after the first ``skip`` entries of the page that starts at ``start``."""

    kind: str
    start: str | None
    skip: int = 0


_decoder = msgspec.json.Decoder(Position)


def write_cursor(position: Position) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read_cursor(text: str | None, kind: str) -> Position:
    """Raises CursorInvalid for a cursor that this shop did not issue for this kind of list."""
    if text is None:
        return Position(kind, None)
    try:
        position = _decoder.decode(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except (msgspec.DecodeError, binascii.Error, UnicodeError) as error:
        raise CursorInvalid("this cursor was not made by this shop") from error
    if position.kind != kind or not 0 <= position.skip < PAGE_MAX:
        raise CursorInvalid("this cursor was made by another list")
    return position


def check_first(first: int) -> None:
    """Raises FirstOutOfRange."""
    if not 1 <= first <= PAGE_MAX:
        raise FirstOutOfRange(f"first is {first}; it may be from 1 to {PAGE_MAX}", limit=PAGE_MAX, actual=first)


async def page_of(
    first: int,
    position: Position,
    ask: Callable[[int, str | None], Awaitable[tuple[Sequence[Any], str | None]]],
) -> ListPage:
    """``ask`` (limit, cursor) returns entries and the cursor after them. The page may be shorter than ``first``."""
    items, following = await ask(min(PAGE_MAX, position.skip + first), position.start)
    nodes = items[position.skip : position.skip + first]
    return ListPage(nodes, position.start, position.skip, following, following is not None, position.kind)


def cursor_at(page: ListPage, index: int) -> str:
    last = index == len(page.nodes) - 1
    if last and page.next is not None:
        return write_cursor(Position(page.kind, page.next))
    return write_cursor(Position(page.kind, page.start, page.skipped + index + 1))


def _has_previous(root: strawberry.Parent[ListPage]) -> bool:
    return root.start is not None or root.skipped > 0


def _start_cursor(root: strawberry.Parent[ListPage]) -> str | None:
    return cursor_at(root, 0) if root.nodes else None


def _end_cursor(root: strawberry.Parent[ListPage]) -> str | None:
    return cursor_at(root, len(root.nodes) - 1) if root.nodes else None


@strawberry.type(description="Whether there are more entries, and their cursors.")
class PageInfo:
    has_next_page: bool = public(own("has_more"), "Are there entries after this page?")
    has_previous_page: bool = public(_has_previous, "Are there entries before this page?")
    start_cursor: str | None = public(_start_cursor, "The cursor of the first entry.")
    end_cursor: str | None = public(_end_cursor, "The cursor of the last entry: `after` of the next page.")


def edges(root: strawberry.Parent[ListPage]) -> Any:
    return [ListEdge(root, index, node) for index, node in enumerate(root.nodes)]


def page_info(root: strawberry.Parent[ListPage]) -> Any:
    return root


def edge_cursor(root: strawberry.Parent[ListEdge]) -> str:
    return cursor_at(root.page, root.index)
