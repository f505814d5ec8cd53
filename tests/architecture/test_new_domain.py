"""The domain that docs/guides/new-domain.md makes: added to a copy of the house, checked, served, and taken away again."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "new-domain.md"
_BLOCK = re.compile(r"^```(?:python|markdown|text) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

#: Run in the copy: the new domain's table is made, its process opened, its route asked, its event found in the outbox.
SERVE = """
import asyncio, json, sys
import httpx
from joserfc.jwk import KeySet
from renga.apps.app import make_api, make_edge
from renga.apps.compose import open_process
from renga.apps.modules import DECLARED
from renga.apps.serve import gate_of
from renga.apps.settings import load_settings, reach
from renga.platform.postgres.migrations import upgrade
from renga.platform.settings import PlatformSettings, Sources

async def main(database, redis, data):
    overrides = {"database": database, "redis": redis, "data": data}
    settings = reach(load_settings(Sources({}, overrides=overrides)))
    await upgrade(database, DECLARED.migrations)
    async with open_process(settings) as process:
        gate = gate_of(process)
        api = make_api(process.opened, gate=gate, settings=settings, checks=process.checks(), sessions=process.resources.sessions)
        edge = make_edge(api, settings[PlatformSettings])
        far = httpx.ASGITransport(edge, client=("10.0.0.1", 4711))
        async with httpx.AsyncClient(transport=far, base_url="http://shop.test") as client:
            async def join(email):
                return await client.put("/v1/waitlist/CAN-AURORA-AZ", json={"email": email})
            answers = [await join(email) for email in ("ana@demo.example", "Ana@demo.example ", "otto@demo.example", "nobody")]
        told = [one.event for one in await process.outboxes()["waitlist"].read(10)]
        await gate.close()
    print(json.dumps({
        "answers": [[one.status_code, one.json().get("waiting", one.json().get("code"))] for one in answers],
        "events": [[one.type, one.subject, one.data] for one in told],
        "limit": answers[0].headers["ratelimit-policy"],
        "documented": list(api.document()["paths"]["/v1/waitlist/{sku}"]),
    }))

asyncio.run(main(*sys.argv[1:]))
"""  # read as a program of its own


def blocks() -> dict[str, str]:
    """The blocks of the guide by the file that they are."""
    return dict(_BLOCK.findall(GUIDE.read_text("utf-8")))


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def run(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": f"{house / 'src'}:{house}", "PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    return subprocess.run(
        [sys.executable, *arguments], cwd=house, env=environment, capture_output=True, text=True, timeout=180
    )


def add(house: Path) -> None:
    """Write the domain of the guide, and its line."""
    made = blocks()
    line, imported = made.pop("modules-line"), made.pop("modules")
    for name, text in made.items():
        path = house / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    modules = house / "src" / "renga" / "apps" / "modules.py"
    text = modules.read_text("utf-8")
    modules.write_text(
        text.replace("from renga.frontends.bff", imported + "from renga.frontends.bff", 1).replace(
            "    BFF,\n", f"{line}    BFF,\n"
        ),
        "utf-8",
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of what the house needs to be checked and run."""
    left_out = shutil.ignore_patterns("__pycache__", "*.svg", "*.js", "*.woff2")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=left_out)
    shutil.copytree(ROOT / "tests" / "architecture", tmp_path / "tests" / "architecture", ignore=left_out)
    (tmp_path / "tests" / "__init__.py").touch()
    shutil.copytree(ROOT / "contracts", tmp_path / "contracts")
    (tmp_path / "docs" / "guides").mkdir(parents=True)
    shutil.copy(ROOT / "docs" / "guides" / "permissions.md", tmp_path / "docs" / "guides")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_guides_domain_is_added_served_and_removed(
    house: Path, empty_database_url: str, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = files_below(house)
    add(house)

    imports = run(house, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache")
    assert imports.returncode == 0, imports.stdout

    data = tmp_path_factory.mktemp("data")
    served = run(house, "-c", SERVE, empty_database_url, valkey_url, str(data))
    assert served.returncode == 0, served.stderr
    found = json.loads(served.stdout.splitlines()[-1])
    joined = [["waitlist.WaiterJoined", "CAN-AURORA-AZ", {"sku": "CAN-AURORA-AZ", "waiting": n}] for n in (1, 2)]
    assert found == {
        "answers": [[200, 1], [200, 1], [200, 2], [400, "waiter_invalid"]],
        "events": joined,
        "limit": '"waitlist";q=10;w=10',
        "documented": ["put"],
    }

    stale = run(house, "-m", "renga.apps.cli", "contracts", "--check")
    assert (stale.returncode, "is stale" in stale.stderr) == (2, True)
    assert run(house, "-m", "renga.apps.cli", "contracts").returncode == 0
    assert "/v1/waitlist/{sku}" in json.loads((house / "contracts" / "openapi.json").read_text("utf-8"))["paths"]

    shutil.rmtree(house / "src" / "renga" / "domains" / "waitlist")
    modules = house / "src" / "renga" / "apps" / "modules.py"
    modules.write_text("".join(one for one in modules.read_text("utf-8").splitlines(True) if "WAITLIST" not in one))
    assert run(house, "-m", "renga.apps.cli", "contracts").returncode == 0
    assert files_below(house) == before


def test_the_guides_blocks_are_whole_files_of_one_domain() -> None:
    made = blocks()
    assert {"modules", "modules-line"} <= set(made)
    assert all(name.startswith("src/renga/domains/waitlist/") for name in set(made) - {"modules", "modules-line"})
    assert len(made) >= 14
