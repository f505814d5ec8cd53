"""Which process of several runs which test file."""

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # it has no types

#: The two servers of Java cost more to start than all other engines together.
OF_JAVA = ("tests/ports/test_search_index", "tests/engines/test_engines.py")


def scope_of(file: str) -> str:
    """Files with the same answer run in the same process."""
    return "servers of Java" if file.startswith(OF_JAVA) else file


class ByEngine(LoadFileScheduling):  # type: ignore[misc]  # the same
    """A file stays together, and so do the files that need the dearest engines: those start once in a run."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(super()._split_scope(nodeid))


def scheduler(config: pytest.Config, log: object) -> ByEngine | None:
    """None leaves it to xdist."""
    return ByEngine(config, log) if config.getvalue("dist") == "loadfile" else None
