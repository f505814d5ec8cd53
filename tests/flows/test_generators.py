"""Three generators make clients of the OpenAPI document without a warning; the Python one shops in a running shop."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import proof
from tests.flows.shop import Shop

ROOT = Path(__file__).parents[2]
#: What ``scripts/generators`` exits with where the generators cannot be had.
SKIPPED = 77
#: Installing and generating, on a machine with much else to do.
GENERATING_S = 1_200
STEPS = ("openapi-spec-validator", "openapi-python-client", "openapi-typescript", "hey-api", "tsc", "python-imports")


@pytest.mark.proof
@pytest.mark.timeout(GENERATING_S + 120)
def test_generators_make_clients_without_a_warning_and_one_of_them_shops(shop: Shop, tmp_path: Path) -> None:
    if proof.size() != "full":
        pytest.skip("`make proof` installs the generators and runs them")
    made = subprocess.run(
        [ROOT / "scripts" / "generators", tmp_path],
        capture_output=True, text=True, timeout=GENERATING_S, check=False,
    )  # fmt: skip
    if made.returncode == SKIPPED:
        pytest.skip(made.stdout.strip())
    assert made.returncode == 0, made.stdout + made.stderr
    assert made.stdout.splitlines() == [f"{step}: no warning" for step in STEPS]
    example = subprocess.run(
        [tmp_path / "python" / "bin" / "python", "-W", "error", ROOT / "docs" / "examples" / "generated_client.py", shop.url],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "openapi-python-client")},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert example.returncode == 0, example.stdout + example.stderr
    assert example.stdout.startswith("cart ")


def test_without_npm_the_script_says_so_and_makes_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "generators", tmp_path / "clients"],
        env={"PATH": "/nonexistent"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == SKIPPED, done.stderr
    assert done.stdout == "skipped: npm is not on this machine\n"
    assert not (tmp_path / "clients").exists()
