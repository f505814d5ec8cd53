"""The HTTP driver wrk (https://github.com/wg/wrk), ``wrk.lua`` gives it the requests."""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.figures import Figures

_SCRIPT = Path(__file__).with_name("wrk.lua")
#: wrk waits for its last answers; it is killed this many seconds after its planned end.
GRACE_S = 15.0


class DriverFailed(Exception):
    """wrk printed no result; the message is its output."""


class _WrkResult(msgspec.Struct, frozen=True):
    requests: int
    duration_us: int
    failed: int
    p50_us: float
    p95_us: float
    p99_us: float


def installed() -> bool:
    """Whether wrk is installed."""
    return shutil.which("wrk") is not None


def parse(output: str) -> Figures:
    """The figures in wrk's output. Raises DriverFailed when they are not there."""
    line = next((line for line in output.splitlines() if line.startswith("BENCH ")), None)
    if line is None:
        raise DriverFailed(f"wrk printed no result: {output.strip()[-500:]}")
    try:
        said = msgspec.json.decode(line.removeprefix("BENCH ").encode(), type=_WrkResult)
    except msgspec.DecodeError as error:
        raise DriverFailed(f"wrk printed {line!r}: {error}") from error
    return Figures(
        requests=said.requests,
        seconds=said.duration_us / 1e6,
        failed=said.failed,
        p50_us=said.p50_us,
        p95_us=said.p95_us,
        p99_us=said.p99_us,
    )


async def drive(port: int, requests: Sequence[bytes], *, connections: int, seconds: int) -> Figures:
    """Send the requests in turn, over and over, for that many seconds. Raises DriverFailed."""
    with tempfile.NamedTemporaryFile(prefix="renga-bench-", suffix=".requests") as file:
        file.write(b"\0".join(requests))
        file.flush()
        process = await asyncio.create_subprocess_exec(
            "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(_SCRIPT), f"http://127.0.0.1:{port}",
            "--", file.name,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            output, _ = await asyncio.wait_for(process.communicate(), seconds + GRACE_S)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise DriverFailed("wrk did not end in time") from None
    return parse(output.decode(errors="replace"))
