"""What the command line gives to the commands of modules."""

from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeAlias, TypeVar

import typer

from renga.platform.sections import Sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from renga.platform.modules.opening import Opened

T = TypeVar("T")

#: The option of every command that works on a shop.
Data: TypeAlias = Annotated[str | None, typer.Option(help="Folder of the embedded engines' data (RENGA_DATA).")]


class CommandLine(Protocol):
    """How a command reaches the shop; expected errors become one line and an exit status."""

    def settings(self, **overrides: Any) -> Sections:
        """The settings, overridden by the command's options. Raises SettingsInvalid."""
        ...

    def shop(self, *modules: str, part: str = "postgres", **overrides: Any) -> Sections:
        """The settings of a shop that runs these modules and exists: a data folder holds ``part`` (``postgres``, ``secret``,
        ``token-key.json``), or settings name what takes its place.

        Raises SettingsInvalid, ModulesInvalid, and ShopNotFound: there is none, or the running one is on another folder.
        """
        ...

    def opened(
        self, settings: Sections, *modules: str, whole: bool = False
    ) -> "AbstractAsyncContextManager[Mapping[str, Opened]]":
        """These modules and what they need, on the shop that runs or on engines started for the command.

        ``whole``: all that run here, and the bus. Raises ModulesInvalid for a module that does not.
        """
        ...

    def run(self, main: Coroutine[Any, Any, T]) -> T | None:
        """Run to the end, or until a signal cancels it (then None)."""
        ...
