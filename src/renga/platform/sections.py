"""The settings of a process: a struct for each section, found by its type."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class Sections:
    """Settings by section; ``sections[CartSettings]`` is the filled struct, with defaults if it was not loaded."""

    def __init__(self, filled: Mapping[str, msgspec.Struct]) -> None:
        self._by_section = dict(filled)

    def __getitem__(self, kind: type[T]) -> T:
        for struct in self._by_section.values():
            if isinstance(struct, kind):
                return struct
        return kind()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sections) and self._by_section == other._by_section

    def __hash__(self) -> int:
        return hash(tuple(self._by_section))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self._by_section.items())

    def replace(self, **filled: msgspec.Struct) -> "Sections":
        """A copy with other structs for these sections."""
        return Sections(self._by_section | filled)
