"""Imports a library without optional companions of it that nothing here uses, though they are installed for other ends."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Imports in this block find these modules not installed, unless they are loaded already; later ones find them.

    None in ``sys.modules`` makes an import raise ModuleNotFoundError (The Python Language Reference, 5.3.1).
    """
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment] # allowed by the reference, but not by the type
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
