"""The process that works on pictures: ``python -m renga.platform.media.picture_process``.

Each line of its input is a job, each line of its output the answer; it ends with its input. What a picture does to it (memory,
time, a crash of a decoder) happens to it alone: it has no secrets, bounds on memory and files, and the shop goes first.
"""

import os
import resource
import sys
from pathlib import Path

import msgspec

from renga.kernel.errors import RengaError
from renga.platform.media.picture_rules import PictureAnswer, PictureJob
from renga.platform.media.pixels import clean, narrow

MEMORY_BYTES_MAX = 238_000_000
FILE_BYTES_MAX = 200_000_000
NICENESS = 5
#: A process that had a larger picture is replaced: what it freed may lie in pieces.
REUSED_PIXELS_MAX = 4_000_000


def work(job: PictureJob) -> PictureAnswer:
    try:
        with Path(job.source).open("rb") as source, Path(job.target).open("wb") as target:
            written = narrow(source, target, job.width, job.kind) if job.width else clean(source, target)
    except RengaError as error:
        return PictureAnswer(code=error.code, detail=error.detail, limit=error.extra.get("limit"), last=True)
    return PictureAnswer(written=written, last=written.decoded > REUSED_PIXELS_MAX)


def bound() -> None:
    """Bounds on this process. Where the system has no bound on memory, what headers say is the only one."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, FILE_BYTES_MAX))
    if sys.platform == "linux":
        pages, resident, *_ = map(int, Path("/proc/self/statm").read_text().split())
        most = MEMORY_BYTES_MAX + (pages - resident) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main() -> None:
    bound()
    decoder = msgspec.json.Decoder(PictureJob)
    for line in sys.stdin.buffer:
        answer = work(decoder.decode(line))
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
        if answer.last:
            return


if __name__ == "__main__":
    main()
