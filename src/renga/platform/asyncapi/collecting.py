"""The facts of every domain below a package, found by where they are: ``<domain>/contract/events.py``, ``EVENTS``."""

import importlib
import importlib.util
import pkgutil
from types import ModuleType

from renga.kernel.facts import Fact


def facts_in(domains: ModuleType) -> tuple[type[Fact], ...]:
    """In the order of the domains' names. A domain without such a file tells nothing."""
    found: list[type[Fact]] = []
    for domain in sorted(module.name for module in pkgutil.iter_modules(domains.__path__, f"{domains.__name__}.")):
        if importlib.util.find_spec(f"{domain}.contract") and importlib.util.find_spec(f"{domain}.contract.events"):
            found += importlib.import_module(f"{domain}.contract.events").EVENTS
    return tuple(found)
