"""How complete a catalogue is, compared with the keys of its source catalogue."""

import string
from collections.abc import Iterator

import msgspec

from renga.platform.texts.catalogue import TextCatalogue


class Completeness(msgspec.Struct, frozen=True):
    """Keys by state, sorted. ``miscounted``: a plural with a wrong number of forms; ``unused``: not in the source any more;
    ``obsolete``: marked obsolete in the file; ``mismatched``: other placeholders than the source.
    """

    language: str
    translated: int
    missing: tuple[str, ...]
    fuzzy: tuple[str, ...]
    unused: tuple[str, ...]
    mismatched: tuple[str, ...]
    miscounted: tuple[str, ...] = ()
    obsolete: tuple[str, ...] = ()

    @property
    def incomplete(self) -> bool:
        """Whether texts are missing or wrong for readers; unused and obsolete keys do not count."""
        return bool(self.missing or self.fuzzy or self.mismatched or self.miscounted)

    def faults(self) -> Iterator[tuple[str, str]]:
        """Each key with what is wrong with it."""
        yield from ((key, "is missing") for key in self.missing)
        yield from ((key, "is fuzzy: somebody must look at it") for key in self.fuzzy)
        yield from ((key, "has other placeholders than its source") for key in self.mismatched)
        yield from ((key, "has the wrong number of plural forms") for key in self.miscounted)
        yield from ((key, "is not in the source any more") for key in self.unused)


def completeness(catalogue: TextCatalogue, source: TextCatalogue) -> Completeness:
    wanted, had = _keys(source), _keys(catalogue)
    both = wanted & had
    mismatched = {key for key in both if not _same_placeholders(key, catalogue, source)}
    return Completeness(
        language=catalogue.language,
        translated=len(both - catalogue.fuzzy - mismatched),
        missing=tuple(sorted(wanted - had - catalogue.miscounted)),
        fuzzy=tuple(sorted(catalogue.fuzzy)),
        unused=tuple(sorted((had | catalogue.miscounted) - wanted - source.miscounted)),
        mismatched=tuple(sorted(mismatched)),
        miscounted=tuple(sorted(catalogue.miscounted)),
        obsolete=tuple(sorted(catalogue.obsolete)),
    )


def _keys(catalogue: TextCatalogue) -> frozenset[str]:
    return frozenset(catalogue.texts) | frozenset(catalogue.forms)


def _same_placeholders(key: str, catalogue: TextCatalogue, source: TextCatalogue) -> bool:
    """A plural's last form has them all; the others may leave some out: "one item"."""
    if (key in catalogue.forms) != (key in source.forms):
        return False
    try:
        if key not in source.forms:
            return _names(catalogue.texts[key]) == _names(source.texts[key])
        wanted = _names(source.forms[key][-1])
        return _names(catalogue.forms[key][-1]) == wanted and all(_names(one) <= wanted for one in catalogue.forms[key])
    except ValueError:  # an unclosed brace
        return False


def _names(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
