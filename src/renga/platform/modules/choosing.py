"""What a set of modules declares together, and the order in which they are opened."""

from collections.abc import Iterable, Mapping, Sequence

from renga.platform.modules.declared import Declared
from renga.platform.modules.module import Module
from renga.platform.ratelimit.rates import PLATFORM
from renga.platform.settings import PlatformSettings, SettingsInvalid

#: A table of one of these names would be read as the platform's own: a section of it, or a key at the top of the file.
_PLATFORM_SECTIONS = ("renga", "ratelimit", "mail", "cache", "http", *PlatformSettings.__struct_fields__)


class ModulesInvalid(SettingsInvalid):
    code = "modules_invalid"
    title = "These modules cannot run together"


def declared_by(modules: Iterable[Module]) -> Declared:
    """Raises ModulesInvalid where two modules declare the same scope, rate class, section or schema."""
    modules = tuple(modules)
    _check_unique("scope", [(module.name, scope) for module in modules for scope in module.scopes])
    _check_unique("rate class", [("the platform", one.name) for one in PLATFORM]
                  + [(module.name, one.name) for module in modules for one in module.rate_classes])  # fmt: skip
    _check_unique("section of settings", [("the platform", section) for section in _PLATFORM_SECTIONS]
                  + [(module.name, section) for module in modules for section in module.settings])  # fmt: skip
    _check_unique("schema", [(one.name, one.migrations.schema) for one in modules if one.migrations is not None])
    _check_unique("module", [(module.name, module.name) for module in modules])
    return Declared(
        scopes={scope: text for module in modules for scope, text in module.scopes.items()},
        grants=_joined(module.grants for module in modules),
        member_grants=_joined(module.member_grants for module in modules),
        rights=_joined(module.rights for module in modules),
        rate_classes=(*PLATFORM, *(one for module in modules for one in module.rate_classes)),
        events=tuple(event for module in modules for event in module.events),
        migrations=tuple(module.migrations for module in modules if module.migrations is not None),
    )


def chosen(modules: Sequence[Module], names: Sequence[str]) -> tuple[Module, ...]:
    """The modules with these names (none: all), each after those that it needs and uses.

    Raises ModulesInvalid for a name that no module has, a need that is not among them, or a cycle.
    """
    known = {module.name: module for module in modules}
    for name in names:
        if name not in known:
            raise ModulesInvalid(f"modules: there is no module {name!r}; there are {', '.join(sorted(known))}")
    wanted = {name: known[name] for name in known if not names or name in names}
    for module in wanted.values():
        for need in module.needs:
            if need not in wanted:
                raise ModulesInvalid(f"modules: {module.name} needs {need}; add it to RENGA_MODULES")
    ordered: dict[str, Module] = {}
    while len(ordered) < len(wanted):
        ready = [one for one in wanted.values() if one.name not in ordered and _is_ready(one, wanted, ordered)]
        if not ready:
            left = ", ".join(sorted(set(wanted) - set(ordered)))
            raise ModulesInvalid(f"modules: these need each other in a circle: {left}")
        ordered |= {module.name: module for module in ready}
    return tuple(ordered.values())


def whole_in_worker(modules: Sequence[Module]) -> frozenset[str]:
    """The modules that a worker opens with ``open``: those without ``worker``, and what they need or use."""
    whole: set[str] = set()
    # each module comes after those that it needs
    for module in reversed(modules):
        if module.worker is None or module.name in whole:
            whole |= {module.name, *module.needs, *module.uses}
    return frozenset(whole)


def _is_ready(module: Module, wanted: Mapping[str, Module], ordered: Mapping[str, Module]) -> bool:
    return all(name in ordered for name in (*module.needs, *module.uses) if name in wanted)


def _joined(tables: Iterable[Mapping[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    joined: dict[str, frozenset[str]] = {}
    for table in tables:
        for name, values in table.items():
            joined[name] = joined.get(name, frozenset()) | values
    return joined


def _check_unique(what: str, declared: Iterable[tuple[str, str]]) -> None:
    by: dict[str, str] = {}
    for module, name in declared:
        if name in by:
            raise ModulesInvalid(f"the {what} {name!r} is declared by {by[name]} and by {module}")
        by[name] = module
