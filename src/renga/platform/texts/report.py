"""How complete a catalogue is, compared with the keys that its source catalogue has."""

import string

import msgspec

from renga.platform.texts.catalogue import Catalogue


class Completeness(msgspec.Struct, frozen=True):
    """Keys by state, sorted. ``mismatched``: the placeholders differ from those of the source."""

    language: str
    translated: int
    missing: tuple[str, ...]
    fuzzy: tuple[str, ...]
    unused: tuple[str, ...]
    mismatched: tuple[str, ...]


def completeness(catalogue: Catalogue, source: Catalogue) -> Completeness:
    wanted, had = _all(source), _all(catalogue)
    both = wanted.keys() & had.keys()
    return Completeness(
        language=catalogue.language,
        translated=len(both - catalogue.fuzzy),
        missing=tuple(sorted(wanted.keys() - had.keys())),
        fuzzy=tuple(sorted(catalogue.fuzzy)),
        unused=tuple(sorted(had.keys() - wanted.keys())),
        mismatched=tuple(sorted(key for key in both if wanted[key] != had[key])),
    )


def _all(catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """Each key with the placeholders of its text, or of the last form of its plural."""
    plurals = {key: _names(forms[-1]) for key, forms in catalogue.forms.items()}
    return plurals | {key: _names(text) for key, text in catalogue.texts.items()}


def _names(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
