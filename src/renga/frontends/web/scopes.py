"""Scopes in the words of a language, in the order of the permission table."""

from collections.abc import Iterable

from renga.frontends.web.i18n import Translator
from renga.platform.auth.access import SCOPES


def in_words(scopes: Iterable[str], t: Translator) -> tuple[tuple[str, str], ...]:
    """Each scope with what it allows; one that the shop does not know stands as it is."""
    order = {scope: position for position, scope in enumerate(SCOPES)}
    ranked = sorted(set(scopes), key=lambda scope: (order.get(scope, len(order)), scope))
    return tuple((scope, t(f"scope.{scope}") if scope in SCOPES else scope) for scope in ranked)
