"""``Opening``: what a module is opened with. ``Opened``: what it gives to the process and to other modules."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from renga.platform.modules.declared import Declared
from renga.platform.sections import Sections

if TYPE_CHECKING:
    from renga.platform.auth.credentials import Credentials
    from renga.platform.bus.port import Consumer
    from renga.platform.outbox.port import Outbox
    from renga.platform.resources import Resources

#: What each opened module offers to the others, by the module's name.
Contracts: TypeAlias = Mapping[str, Any]
#: Returns if an engine answers, else raises a RengaError.
EngineCheck: TypeAlias = Callable[[], Awaitable[None]]
#: Names of the outboxes whose leases this worker holds now.
Held: TypeAlias = Callable[[], Iterable[str]]
Running: TypeAlias = Coroutine[Any, Any, None]


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a module is opened with.

    ``contracts``: those of its ``needs``, and those of its ``uses`` that run in this process. ``declared``: the declarations
    of all modules, including those that do not run here.
    """

    resources: "Resources"
    settings: Sections
    contracts: Contracts
    declared: Declared


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A module that is open in this process.

    ``contract``   what the others may call
    ``local``      the same and more, for the module's own adapters (HTTP, commands, seed); None: ``contract``
    ``outboxes``   for the relay, by lease name
    ``consumers``  durable bus consumers that a worker runs
    ``jobs``       what a worker runs until it is cancelled
    ``followers``  what a process that serves requests runs until it is cancelled
    ``checks``     readiness checks, one for each engine that only this module uses
    ``credentials`` how callers are authenticated; exactly one module of a shop with accounts has it
    """

    contract: Any
    local: Any = None
    outboxes: "Mapping[str, Outbox]" = {}
    consumers: "Sequence[Consumer]" = ()
    jobs: Callable[[Held], Sequence[Running]] = lambda held: ()
    followers: Callable[[], Sequence[Running]] = lambda: ()
    checks: Mapping[str, EngineCheck] = {}
    credentials: "Credentials | None" = None

    @property
    def own(self) -> Any:
        """The object that the module's own adapters work with."""
        return self.contract if self.local is None else self.local


#: Opens a module and closes it at the end.
Opener: TypeAlias = Callable[[Opening], AbstractAsyncContextManager[Opened]]


@asynccontextmanager
async def open_nothing(opening: Opening) -> AsyncIterator[Opened]:
    """For modules without resources, and for those that a worker runs nothing of."""
    yield Opened(contract=None)
