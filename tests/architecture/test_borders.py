"""Every import contract breaks by the import that it forbids, and by no other contract's."""

import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import grimp
import pytest
from grimp import ImportGraph
from importlinter.api import read_configuration
from importlinter.application.use_cases import _register_contract_types
from importlinter.application.user_options import UserOptions
from importlinter.domain.contract import registry

ROOT = Path(__file__).parents[2]
SESSION = {"root_packages": ["renga"], "include_external_packages": "True"}
HOUSE = "The house: apps over frontends over domains over platform over kernel"
MEET = "Domains meet only at contracts"
ROOMS = "Rooms inside each domain"
PURE = "Contracts, models and ports know no platform"
DRIVERS = "Drivers only in adapters, the web framework only in http and rest"
FRONTENDS = "Frontends see only contracts of domains"
APPS = "Apps see only how domains are opened"
PROCESSES = "Commands over processes over the composition"

FORBIDDEN = [
    (HOUSE, "renga.platform.settings", "renga.domains.cart.contract"),
    (HOUSE, "renga.kernel.money", "renga.platform.settings"),
    (MEET, "renga.domains.identity.accounts.register", "renga.domains.cart.use_case"),
    (MEET, "renga.domains.cart.wiring", "renga.domains.catalog.wiring"),
    (MEET, "renga.domains.cart.ports", "renga.domains.catalog.contract"),
    (ROOMS, "renga.domains.cart.add_line", "renga.domains.cart.stores.redis"),
    (ROOMS, "renga.domains.cart.ports", "renga.domains.cart.offers"),
    (ROOMS, "renga.domains.catalog.rest.taxonomy", "renga.domains.catalog.stores.postgres"),
    (PURE, "renga.domains.cart.ports", "renga.platform.redis.client"),
    (PURE, "renga.domains.catalog.contract.products", "renga.platform.settings"),
    (DRIVERS, "renga.domains.cart.add_line", "asyncpg"),
    (DRIVERS, "renga.domains.cart.stores.redis", "litestar"),
    (FRONTENDS, "renga.frontends.web.basket", "renga.domains.cart.local"),
    (ROOMS, "renga.domains.search.commands.index", "renga.domains.search.opening"),
    (APPS, "renga.apps.serve", "renga.domains.identity.model.roles"),
    (APPS, "renga.apps.compose", "renga.domains.cart.contract"),
    (PROCESSES, "renga.apps.compose", "renga.apps.serve"),
    (PROCESSES, "renga.apps.settings", "renga.apps.cli"),
    # domains that nobody has written yet
    (APPS, "renga.apps.up", "renga.domains.newdomain.opening"),
    (MEET, "renga.domains.newdomain.wiring", "renga.domains.cart.use_case"),
    (ROOMS, "renga.domains.newdomain.contract", "renga.domains.newdomain.stores.postgres"),
    (PURE, "renga.domains.newdomain.part.ports", "renga.platform.settings"),
    (DRIVERS, "renga.domains.newdomain.place", "httpx"),
    (FRONTENDS, "renga.frontends.web.basket", "renga.domains.newdomain.http"),
]


@pytest.fixture(scope="module")
def graph() -> ImportGraph:
    return grimp.build_graph("renga", include_external_packages=True, cache_dir=None)


@pytest.fixture(scope="module")
def contracts() -> list[dict[str, Any]]:
    configured = read_configuration(str(ROOT / "pyproject.toml"))
    options = UserOptions(configured["session_options"], configured["contracts_options"])
    _register_contract_types(options)
    return options.contracts_options


def broken(graph: ImportGraph, contracts: list[dict[str, Any]]) -> set[str]:
    """Names of the contracts that do not hold; cycles are left out: they are not about rooms."""
    names = set()
    for options in contracts:
        if options["type"] == "acyclic_siblings":
            continue
        contract = registry.get_contract_class(options["type"])(options["name"], SESSION, options)
        own = graph if "container" in options else deepcopy(graph)  # the ready-made types may change what they check
        if not contract.check(own, verbose=False).kept:
            names.add(options["name"])
    return names


def test_the_house_as_it_stands_keeps_every_contract(graph: ImportGraph, contracts: list[dict[str, Any]]) -> None:
    assert broken(graph, contracts) == set()


@pytest.mark.parametrize(("contract", "importer", "imported"), FORBIDDEN)
def test_a_forbidden_import_breaks_exactly_its_contract(
    graph: ImportGraph, contracts: list[dict[str, Any]], contract: str, importer: str, imported: str
) -> None:
    planted = deepcopy(graph)
    for module in (importer, imported):
        if module not in planted.modules:
            planted.add_module(module)
    planted.add_import(importer=importer, imported=imported)
    assert broken(planted, contracts) == {contract}


def test_a_circle_of_packages_breaks_the_contract_on_cycles(
    graph: ImportGraph, contracts: list[dict[str, Any]]
) -> None:
    (options,) = [each for each in contracts if each["type"] == "acyclic_siblings"]
    contract = registry.get_contract_class(options["type"])(options["name"], SESSION, options)
    assert contract.check(deepcopy(graph), verbose=False).kept
    planted = deepcopy(graph)
    planted.add_import(importer="renga.platform.settings", imported="renga.platform.http.gate")
    assert not contract.check(planted, verbose=False).kept


def test_every_contract_of_rooms_is_broken_by_some_example(contracts: list[dict[str, Any]]) -> None:
    shown = {contract for contract, _, _ in FORBIDDEN}
    assert {each["name"] for each in contracts if "container" in each} <= shown


def test_a_new_folder_of_a_domain_is_caught_by_the_command_without_a_line_of_configuration(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "static", "demo"))
    shutil.copytree(ROOT / "tests" / "architecture", tmp_path / "tests" / "architecture")
    (tmp_path / "tests" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    new = tmp_path / "src" / "renga" / "domains" / "newdomain"
    new.mkdir()
    (new / "__init__.py").touch()
    (new / "place.py").write_text("import renga.domains.cart.use_case\n")
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=tmp_path, env={"PYTHONPATH": f"{tmp_path / 'src'}:{tmp_path}"}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{MEET} BROKEN" in done.stdout
    assert "renga.domains.newdomain.place -> renga.domains.cart.use_case" in done.stdout
    assert "1 broken" in done.stdout


def test_an_ignored_import_that_is_gone_breaks_its_contract(
    graph: ImportGraph, contracts: list[dict[str, Any]]
) -> None:
    gone = "renga.domains.cart.ports -> renga.platform.settings"
    longer = [
        each | {"ignore_imports": [*each.get("ignore_imports", ()), gone]} for each in contracts if each["name"] == PURE
    ]
    assert broken(graph, longer) == {PURE}
