"""Modules declare themselves: what they say together, in which order they open, and which sets of them are refused."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from structlog.testing import capture_logs

from renga.apps.compose import open_process, open_worker
from renga.apps.modules import DECLARED, MODULES
from renga.apps.settings import load_settings, reach
from renga.domains.cart.settings import CartSettings
from renga.kernel.errors import Unavailable
from renga.platform.modules.choosing import ModulesInvalid, chosen, declared_by, whole_in_worker
from renga.platform.modules.module import Module
from renga.platform.modules.opening import Opened, Opening
from renga.platform.postgres.revisions import Migrations
from renga.platform.ratelimit.rates import RateClass
from renga.platform.settings import SettingsInvalid, Sources


class TeaSettings(msgspec.Struct, frozen=True, kw_only=True):
    leaves: Annotated[int, "leaves in a pot"] = 3


@asynccontextmanager
async def nothing(opening: Opening) -> AsyncIterator[Opened]:
    yield Opened(contract=None)


def module(name: str, **more: Any) -> Module:
    return Module(name=name, open=nothing, **more)


def named(job: Coroutine[Any, Any, None]) -> str:
    """The name of a job that is not run."""
    job.close()
    return str(job.cr_code.co_qualname)  # type: ignore[attr-defined] # a coroutine of an async function


def names(modules: tuple[Module, ...]) -> list[str]:
    return [one.name for one in modules]


def test_each_module_opens_after_what_it_needs_and_uses() -> None:
    a, b, c = module("a", needs=("b",)), module("b", uses=("c", "not there")), module("c")
    assert names(chosen((a, b, c), ())) == ["c", "b", "a"]
    assert names(chosen((a, b, c), ("a", "b"))) == ["b", "a"]


def test_a_set_of_modules_that_cannot_run_is_refused() -> None:
    a, b = module("a", needs=("b",)), module("b", uses=("a",))
    with pytest.raises(ModulesInvalid, match="there is no module 'c'; there are a, b"):
        chosen((a, b), ("c",))
    with pytest.raises(ModulesInvalid, match="a needs b; add it to RENGA_MODULES"):
        chosen((a, b), ("a",))
    with pytest.raises(ModulesInvalid, match="in a circle: a, b"):
        chosen((a, b), ())


@pytest.mark.parametrize(
    "declared",
    [
        {"scopes": {"tea": "drink tea"}},
        {"rate_classes": (RateClass(name="tea", what="pots", per_minute=1, burst=1),)},
        {"settings": {"tea": TeaSettings}},
    ],
    ids=["scope", "rate class", "section"],
)
def test_what_two_modules_declare_is_refused_by_name(declared: dict[str, Any]) -> None:
    with pytest.raises(ModulesInvalid, match="'tea' is declared by a and by b"):
        declared_by([module("a", **declared), module("b", **declared)])


def test_a_module_cannot_declare_a_rate_class_of_the_platform() -> None:
    read = RateClass(name="read", what="reads", per_minute=1, burst=1)
    with pytest.raises(ModulesInvalid, match="'read' is declared by the platform and by a"):
        declared_by([module("a", rate_classes=(read,))])


@pytest.mark.parametrize("section", ["mail", "ratelimit", "bus"])
def test_a_module_cannot_declare_a_section_of_the_platform(section: str) -> None:
    with pytest.raises(ModulesInvalid, match=f"'{section}' is declared by the platform and by a"):
        declared_by([module("a", settings={section: TeaSettings})])


def test_two_modules_cannot_share_a_name_or_a_schema() -> None:
    with pytest.raises(ModulesInvalid, match="the module 'a' is declared by a and by a"):
        declared_by([module("a"), module("a")])
    tea = Migrations("tea", Path("versions"))
    with pytest.raises(ModulesInvalid, match="the schema 'tea' is declared by a and by b"):
        declared_by([module("a", migrations=tea), module("b", migrations=tea)])


def test_grants_of_several_modules_are_joined() -> None:
    a = module("a", grants={"customer": frozenset({"x"})})
    b = module("b", grants={"customer": frozenset({"y"}), "admin": frozenset({"y"})})
    assert declared_by([a, b]).grants == {"customer": {"x", "y"}, "admin": {"y"}}


def test_the_shops_own_modules_fit_together() -> None:
    assert set(names(chosen(MODULES, ()))) == {
        "identity",
        "catalog",
        "search",
        "inventory",
        "cart",
        "orders",
        "pricing",
        "payments",
        "bff",
        "web",
    }
    granted = frozenset[str]().union(*DECLARED.grants.values(), *DECLARED.member_grants.values())
    assert granted <= set(DECLARED.scopes)
    assert {one.schema for one in DECLARED.migrations} == {
        "identity",
        "catalog",
        "search",
        "inventory",
        "cart",
        "orders",
        "payments",
        "pricing",
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "renga.toml"


def test_a_process_passes_over_the_settings_of_modules_that_it_does_not_run_with_one_warning(file: Path) -> None:
    file.write_text('modules = ["catalog"]\n[cart]\nshards = 8\nno_such = 1\n[catalog]\nstore = ""\n')
    environment = {"RENGA_CART_LINES_MAX": "many", "RENGA_GRAPHQL_DEPTH_MAX": "3"}
    with capture_logs() as logs:
        settings = load_settings(Sources(environment, file))
    assert [(one["event"], one["settings"]) for one in logs] == [
        ("settings_passed_over", ["RENGA_CART_LINES_MAX", "RENGA_GRAPHQL_DEPTH_MAX", "[cart]"])
    ]
    assert settings[CartSettings] == CartSettings()


def test_what_no_module_knows_is_refused_in_a_process_that_runs_some_too(file: Path) -> None:
    file.write_text('modules = ["catalog"]\n[kart]\nshards = 8\n')
    with pytest.raises(SettingsInvalid, match="no setting or section named 'kart'"):
        load_settings(Sources({}, file))
    file.write_text('modules = ["catalog"]\n')
    with pytest.raises(SettingsInvalid, match=r"RENGA_CATALOG is set .*did you mean RENGA_CATALOG_STORE"):
        load_settings(Sources({"RENGA_CATALOG": "mongodb://host"}, file))


def test_a_table_may_have_the_name_of_a_module(file: Path) -> None:
    file.write_text('catalog = "mongodb://host"\n')
    with pytest.raises(SettingsInvalid, match=r"'catalog' must be a table: \[catalog\]"):
        load_settings(Sources({}, file))
    file.write_text("catalog = 5\n")
    with pytest.raises(SettingsInvalid, match=r"'catalog' must be a table: \[catalog\]"):
        load_settings(Sources({"RENGA_CATALOG_STORE": "mongodb://host"}, file))


def test_a_worker_opens_whole_what_has_no_part_of_its_own_and_what_that_needs_or_uses() -> None:
    part = {"worker": nothing}
    running = chosen(
        [
            module("page", needs=("tea",), uses=("cups",), **part),
            module("tea", needs=("water",), uses=("milk",)),
            module("water", needs=("pipe",), **part),
            *(module(name, **part) for name in ("pipe", "milk", "cups")),
        ],
        (),
    )
    assert whole_in_worker(running) == {"tea", "water", "pipe", "milk"}
    assert whole_in_worker(chosen(MODULES, ())) == {"catalog", "inventory", "search"}


async def test_a_worker_has_every_outbox_consumer_and_job_of_the_shop_and_no_contract_that_only_the_web_calls(
    valkey_url: str, database_url: str, tmp_path: Path, file: Path
) -> None:
    overrides = {"data": str(tmp_path), "redis": valkey_url, "database": database_url}
    settings = reach(load_settings(Sources({}, file, overrides)))
    async with open_process(settings) as serving, open_worker(settings) as working:
        assert working.outboxes().keys() == serving.outboxes().keys()
        assert [one.name for one in working.consumers()] == [one.name for one in serving.consumers()]
        jobs = [[named(job) for job in one.jobs(tuple)] for one in (working, serving)]
        assert jobs[0] == jobs[1]
        assert len(jobs[0]) > 5
        assert {name for name, one in working.opened.items() if one.contract is None} == {
            "identity",
            "bff",
            "web",
        }
        # a worker ends orders that another process has begun: it has everything that they are made with
        services = working.contract("orders").dependencies.services
        assert [name for name in services.__struct_fields__ if getattr(services, name) is None] == []
        await services.pricing.release("order:of-nobody")


async def test_what_was_opened_is_closed_when_a_later_module_does_not_open(
    valkey_url: str, database_url: str, tmp_path: Path, file: Path
) -> None:
    said: list[str] = []

    def opening(name: str, *, fails: bool = False) -> Callable[[Opening], AbstractAsyncContextManager[Opened]]:
        @asynccontextmanager
        async def open_it(opening: Opening) -> AsyncIterator[Opened]:
            if fails:
                raise Unavailable("the tea is cold")
            said.append(f"{name} opens")
            try:
                yield Opened(contract=name)
            finally:
                said.append(f"{name} closes")

        return open_it

    modules = (
        Module(name="a", open=opening("a")),
        Module(name="b", needs=("a",), open=opening("b")),
        Module(name="c", needs=("b",), open=opening("c", fails=True)),
    )
    overrides = {"data": str(tmp_path), "redis": valkey_url, "database": database_url}
    settings = reach(load_settings(Sources({}, file, overrides), modules))
    with pytest.raises(Unavailable, match="the tea is cold"):
        async with open_process(settings, modules):
            said.append("never")
    assert said == ["a opens", "b opens", "b closes", "a closes"]


async def test_a_process_runs_the_modules_that_it_is_told_to(
    valkey_url: str, database_url: str, tmp_path: Path, file: Path
) -> None:
    overrides = {"data": str(tmp_path), "redis": valkey_url, "database": database_url, "modules": ("catalog", "search")}
    settings = reach(load_settings(Sources({}, file, overrides)))
    async with open_process(settings) as process:
        assert list(process.opened) == ["catalog", "search"]
        assert sorted(process.outboxes()) == ["catalog", "search"]
        assert {consumer.name.partition(".")[0] for consumer in process.consumers()} == {"catalog", "search"}
        assert process.credentials is None
