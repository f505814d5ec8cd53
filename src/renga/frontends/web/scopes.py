"""Descriptions of scopes in a language, in the order of the texts."""

from collections.abc import Iterable

from renga.frontends.web.i18n import Translator


def in_words(scopes: Iterable[str], t: Translator) -> tuple[tuple[str, str], ...]:
    """Each scope with its description; scopes without a text come last, with their name as text."""
    order = {key.removeprefix("scope."): position for position, key in enumerate(t.keys("scope."))}
    ranked = sorted(set(scopes), key=lambda scope: (order.get(scope, len(order)), scope))
    return tuple((scope, t(f"scope.{scope}") if scope in order else scope) for scope in ranked)
