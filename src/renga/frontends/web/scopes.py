"""Scopes in the words of a language, in the order in which the texts name them."""

from collections.abc import Iterable

from renga.frontends.web.i18n import Translator


def in_words(scopes: Iterable[str], t: Translator) -> tuple[tuple[str, str], ...]:
    """Each scope with what it allows; one that has no text stands as it is, after the others."""
    order = {key.removeprefix("scope."): position for position, key in enumerate(t.keys("scope."))}
    ranked = sorted(set(scopes), key=lambda scope: (order.get(scope, len(order)), scope))
    return tuple((scope, t(f"scope.{scope}") if scope in order else scope) for scope in ranked)
