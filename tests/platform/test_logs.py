"""Logs: a failure is told with its traceback, without the values that the code held."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
import structlog
from renga.platform.telemetry.logs import configure

configure("info", sys.argv[1])
def fail(token):
    raise RuntimeError("out of order")
try:
    fail("Bearer " + "s3cr3t" * 2)
except RuntimeError as error:
    structlog.get_logger("test").error("request_failed", exc_info=error)
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_failure_is_logged_without_the_values_it_met(form: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, form], capture_output=True, text=True, timeout=60, check=True)
    assert "out of order" in done.stderr
    assert "in fail" in done.stderr
    assert "s3cr3ts3cr3t" not in done.stderr
