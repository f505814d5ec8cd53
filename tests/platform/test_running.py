"""A process and the signals that end it: however many come, its clean-up is done once and nothing is printed."""

import os
import select
import signal
import subprocess
import sys

import pytest

SCRIPT = """
import asyncio, sys
from renga.platform.running import run_until_signal

async def work():
    print("started", flush=True)
    try:
        await asyncio.sleep(30)
    finally:
        print("stopping", flush=True)
        await asyncio.sleep(0.5)
        print("stopped", flush=True)

print(run_until_signal(work()), flush=True)
print("left", flush=True)
sys.stdin.read(1)
"""


def said(process: "subprocess.Popen[bytes]", word: str) -> None:
    """Wait until it has said this."""
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 20)[0], f"no {word!r}"
    assert process.stdout.readline().decode().strip() == word


@pytest.mark.parametrize(
    "signals",
    [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGINT), (signal.SIGINT, signal.SIGTERM, signal.SIGINT)],
)
def test_signals_after_the_first_change_nothing(signals: tuple[signal.Signals, ...]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as process:
        said(process, "started")
        process.send_signal(signals[0])
        said(process, "stopping")
        for number in signals[1:]:
            process.send_signal(number)
        for word in ("stopped", "None", "left"):
            said(process, word)
        for number in signals:  # the loop is closed, the process has not ended yet
            process.send_signal(number)
        _, errors = process.communicate(b"\n", timeout=20)
    assert (process.returncode, errors) == (os.EX_OK, b"")
