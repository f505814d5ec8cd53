"""``Module``: one declaration per domain and frontend. Every registry of the application is derived from the modules.

A declaration is cheap to import: its functions import what they need when they are called, so that a command which opens
only the catalogue does not load the modules of the web.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from renga.kernel.clock import Clock
from renga.kernel.facts import Fact
from renga.platform.modules.opening import Contracts, Opener
from renga.platform.postgres.revisions import Migrations
from renga.platform.ratelimit.rates import RateClass
from renga.platform.sections import Sections

if TYPE_CHECKING:
    import typer

    from renga.platform.cache.following import Invalidation
    from renga.platform.doctor.check import Check as Finding
    from renga.platform.http.face import Face, HttpContext
    from renga.platform.modules.command_line import CommandLine


class Module(msgspec.Struct, frozen=True, kw_only=True):
    """A domain or a frontend.

    ``needs``        modules that must be open before it; ``uses``: optional ones, opened before it if they run here
    ``settings``     struct of each section of settings; the section ``cart`` is ``[cart]`` and ``RENGA_CART_…``
    ``migrations``   those of its tables; ``prepare`` does the same for its document stores (run by ``renga migrate``)
    ``events``       the facts that it publishes
    ``invalidation`` which events invalidate which cached answers
    ``scopes``       each scope with what it allows, in a few English words
    ``grants``       the scopes of each kind of account; ``member_grants``: of each role in a merchant
    ``rights``       what each role in a merchant may do with the merchant (identity's)
    ``rate_classes`` classes of routes with a limit of their own
    ``doctor``       its part of ``renga doctor``: checks by the name of their subject
    ``open``         context manager that opens and closes it
    ``worker``       opens in a worker what it runs there, without a contract (its imports cost memory); None: ``open`` does.
                     Where another module of the worker needs the contract, ``open`` opens it there, too
    ``http``         (own, contracts, context) → its routes; also called with placeholder contracts, to describe them
    ``commands``     adds its commands to the command line
    ``seed``         adds its demo data to an empty shop; reads and fills a mapping shared with the other modules
    ``holds_data``   whether it has data already (then nothing is seeded)
    """

    name: str
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    settings: Mapping[str, type[msgspec.Struct]] = {}
    migrations: Migrations | None = None
    prepare: Callable[[Sections], Awaitable[None]] | None = None
    events: tuple[type[Fact], ...] = ()
    invalidation: "Callable[[], Invalidation] | None" = None
    scopes: Mapping[str, str] = {}
    grants: Mapping[str, frozenset[str]] = {}
    member_grants: Mapping[str, frozenset[str]] = {}
    rights: Mapping[str, frozenset[str]] = {}
    rate_classes: tuple[RateClass, ...] = ()
    doctor: "Callable[[Sections, Clock], Mapping[str, Awaitable[list[Finding]]]] | None" = None
    open: Opener
    worker: Opener | None = None
    http: "Callable[[Any, Contracts, HttpContext], Face] | None" = None
    commands: "Callable[[typer.Typer, CommandLine], None] | None" = None
    seed: Callable[[Any, dict[str, str]], Awaitable[None]] | None = None
    holds_data: Callable[[Any], Awaitable[bool]] | None = None
