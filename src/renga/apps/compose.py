"""Opens the modules of this process on its resources, in the order of their needs; without HTTP."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg

from renga.apps.modules import MODULES
from renga.kernel.errors import Unavailable
from renga.platform.bus.port import Consumer
from renga.platform.cache.following import follow_news
from renga.platform.modules.choosing import ModulesInvalid, chosen, declared_by, whole_in_worker
from renga.platform.modules.declared import Declared
from renga.platform.modules.module import Module
from renga.platform.modules.opening import EngineCheck, Held, Opened, Opener, Opening, Running
from renga.platform.outbox.port import Outbox
from renga.platform.resources import Resources, open_resources
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings

if TYPE_CHECKING:
    from renga.platform.auth.credentials import Credentials

_CHECK_TIMEOUT_S = 2.0


class Process:
    """The opened modules of this process by name, and what they give it to run."""

    def __init__(
        self, resources: Resources, modules: Sequence[Module], opened: Mapping[str, Opened], declared: Declared
    ) -> None:
        self.resources = resources
        self.settings = resources.settings
        self.modules = tuple(modules)
        self.opened = dict(opened)
        self.declared = declared

    def contract(self, name: str) -> Any:
        """What a module offers to others."""
        return self.opened[name].contract

    @property
    def contracts(self) -> dict[str, Any]:
        """What each module offers to others."""
        return {name: one.contract for name, one in self.opened.items()}

    @property
    def credentials(self) -> "Credentials | None":
        """How callers are authenticated; None: no module with accounts runs here."""
        return next((one.credentials for one in self.opened.values() if one.credentials is not None), None)

    def outboxes(self) -> dict[str, Outbox]:
        """Every outbox of this process, by the name of its lease. Raises ModulesInvalid for a duplicate name."""
        found: dict[str, Outbox] = {}
        for one in self.opened.values():
            if twice := found.keys() & one.outboxes.keys():
                raise ModulesInvalid(f"two modules have an outbox {min(twice)!r}")
            found |= one.outboxes
        return found

    def consumers(self) -> list[Consumer]:
        """The durable bus consumers that a worker runs."""
        return [consumer for one in self.opened.values() for consumer in one.consumers]

    def jobs(self, held: Held) -> list[Running]:
        """Background jobs of a worker, run until cancelled; ``held`` returns the outboxes whose leases it has."""
        return [job for one in self.opened.values() for job in one.jobs(held)]

    def followers(self) -> list[Running]:
        """Background tasks of a process that serves requests."""
        invalidations = [module.invalidation() for module in self.modules if module.invalidation is not None]
        caches = self.resources.caches
        following = [follow_news(self.resources.bus, caches, invalidations)] if caches and invalidations else []
        return [
            *(follower for one in self.opened.values() for follower in one.followers()),
            self.resources.mailer.run(),
            *following,
        ]

    def checks(self) -> dict[str, EngineCheck]:
        """One check per engine."""

        async def database() -> None:
            try:
                await self.resources.database.fetchval("SELECT 1", timeout=_CHECK_TIMEOUT_S)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                raise Unavailable(str(error) or type(error).__name__) from error

        checks: dict[str, EngineCheck] = {"database": database, "bus": self.resources.bus.ping}
        return checks | {name: check for one in self.opened.values() for name, check in one.checks.items()}


@asynccontextmanager
async def open_process(settings: Sections, modules: Sequence[Module] = MODULES) -> AsyncIterator[Process]:
    """Open the modules that the settings choose, on running engines. ``settings`` come from ``reach``.

    Raises SettingsInvalid, Unavailable.
    """
    running = chosen(modules, settings[PlatformSettings].modules)
    async with open_resources(settings) as resources, _opened(resources, running, declared_by(modules)) as process:
        await resources.bus.start()
        yield process


@asynccontextmanager
async def open_worker(settings: Sections, modules: Sequence[Module] = MODULES) -> AsyncIterator[Process]:
    """As ``open_process``, with only what a worker runs of each module."""
    running = chosen(modules, settings[PlatformSettings].modules)
    whole = whole_in_worker(running)
    openers = {one.name: one.worker for one in running if one.worker is not None and one.name not in whole}
    declared = declared_by(modules)
    async with open_resources(settings) as resources, _opened(resources, running, declared, openers) as process:
        await resources.bus.start()
        yield process


@asynccontextmanager
async def open_some(
    settings: Sections, names: Sequence[str], modules: Sequence[Module] = MODULES
) -> AsyncIterator[Process]:
    """Open these modules and their needs for one command. It has no bus: the shop's worker relays the events."""
    known = {module.name: module for module in modules}
    wanted = list(names)
    for name in wanted:
        wanted += [need for need in known[name].needs if need not in wanted]
    running, declared = chosen(modules, wanted), declared_by(modules)
    async with open_resources(settings) as resources, _opened(resources, running, declared) as process:
        yield process


@asynccontextmanager
async def _opened(
    resources: Resources, modules: Sequence[Module], declared: Declared, openers: Mapping[str, Opener] = {}
) -> AsyncIterator[Process]:
    """``openers`` take the place of a module's ``open``, by its name."""
    opened: dict[str, Opened] = {}
    async with AsyncExitStack() as stack:
        for module in modules:
            contracts = {name: opened[name].contract for name in (*module.needs, *module.uses) if name in opened}
            opening = Opening(resources=resources, settings=resources.settings, contracts=contracts, declared=declared)
            opened[module.name] = await stack.enter_async_context(openers.get(module.name, module.open)(opening))
        yield Process(resources, modules, opened, declared)
