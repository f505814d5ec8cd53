"""The rules about card numbers of all operations: what ``platform/cards`` asks of their declarations."""

from collections.abc import Iterator, Sequence
from typing import Any

from litestar import Litestar
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from renga.platform.cards.declared import CardRules, declared_names, found_by, is_streamed
from renga.platform.http.gate import handlers_of
from renga.platform.http.lean import Operation
from renga.platform.http.openapi_handlers import contents_of


def card_rules(app: Litestar, operations: Sequence[Operation]) -> list[CardRules]:
    """The rules of lean operations and of Litestar's handlers."""
    return [*map(lean_rules, operations), *_of_handlers(app)]


def lean_rules(operation: Operation) -> CardRules:
    """The rules of one lean operation."""
    names = frozenset(operation.identifiers) | declared_names({}, operation.query)
    bodies = {} if operation.body is None else {"": operation.body}
    return CardRules(
        method=operation.method, path=operation.path, names=names, bodies=bodies, streamed=operation.signed
    )


def _of_handlers(app: Litestar) -> Iterator[CardRules]:
    for path, method, handler in handlers_of(app):
        contents = contents_of(handler.opt)
        yield CardRules(
            method=method,
            path=path,
            names=declared_names(handler.opt),
            bodies=_data_of(handler) | {name: one.kind for name, one in contents.items() if one.kind is not None},
            lines={name: one.line for name, one in contents.items() if one.line is not None},
            find=found_by(handler.opt),
            streamed=is_streamed(handler.opt),
            body_max_bytes=_limit_of(handler),
        )


def _data_of(handler: BaseRouteHandler) -> dict[str, Any]:
    field = handler.parsed_data_field if isinstance(handler, HTTPRouteHandler) else None
    return {} if field is None else {"": field.annotation}


def _limit_of(handler: BaseRouteHandler) -> int | None:
    if not isinstance(handler, HTTPRouteHandler):
        return None
    found = handler.resolve_request_max_body_size()
    return found if isinstance(found, int) else None
