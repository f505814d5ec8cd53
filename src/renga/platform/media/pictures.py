"""Has uploaded pictures processed by a process of its own, one at a time, which is started when there is work.

Pillow is not imported here: a picture of 40 million pixels takes some 200 MB, which would stay with the web process.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import msgspec
import structlog

from renga.platform.media.picture_rules import (
    UPLOAD_BYTES_MAX,
    Cleaned,
    Kind,
    PictureAnswer,
    PictureInvalid,
    PictureJob,
    PicturesBusy,
    PicturesFailed,
    PictureTooLarge,
    PictureWritten,
)

log = structlog.get_logger(__name__)

#: Most pictures that wait for their turn.
WAITING_MAX = 32
#: For one picture, beside the start of the process; the process is killed then.
PICTURE_TIMEOUT_S = 60.0
#: A process without work ends after this long.
IDLE_S = 5.0
_PROGRAM = "renga.platform.media.picture_process"


class Pictures:
    """Every method may raise PicturesBusy and PicturesFailed. ``close`` it at the end."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ends: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int | None:
        """The pid of the process while there is one."""
        return self._process.pid if self._process else None

    async def cleaned(self, content: bytes) -> Cleaned:
        """The uploaded picture, processed. Raises PictureInvalid, PictureTooLarge."""
        if len(content) > UPLOAD_BYTES_MAX:
            raise PictureTooLarge(f"a picture has at most {UPLOAD_BYTES_MAX} bytes", limit=UPLOAD_BYTES_MAX)
        written, made = await self._have_made(content, 0, "image/webp")
        return Cleaned(content=made, kind=written.kind, width=written.width, height=written.height)

    async def narrowed(self, content: bytes, width: int, kind: Kind = "image/webp") -> bytes:
        """A processed picture as WebP or JPEG, at most ``width`` pixels wide. Raises PictureInvalid, PictureTooLarge."""
        _, made = await self._have_made(content, width, kind)
        return made

    async def close(self) -> None:
        """End the process, also if it has work."""
        self._drop(kill=True)
        await asyncio.gather(*self._ends)

    async def _have_made(self, content: bytes, width: int, kind: Kind) -> tuple[PictureWritten, bytes]:
        if self._waiting > WAITING_MAX:
            raise PicturesBusy(f"{self._waiting} pictures are being worked on")
        self._waiting += 1
        try:
            async with self._turn:
                return await self._in_files(content, width, kind)
        finally:
            self._waiting -= 1

    async def _in_files(self, content: bytes, width: int, kind: Kind) -> tuple[PictureWritten, bytes]:
        try:
            with tempfile.TemporaryDirectory(prefix="renga-picture-") as folder:
                source, target = Path(folder, "source"), Path(folder, "target")
                await asyncio.to_thread(source.write_bytes, content)
                job = PictureJob(source=str(source), target=str(target), width=width, kind=kind)
                written = _written(await self._answer(job))
                return written, await asyncio.to_thread(target.read_bytes)
        except OSError as error:
            raise PicturesFailed(f"no room for the picture's files: {error.strerror}") from error

    async def _answer(self, job: PictureJob) -> PictureAnswer:
        """An answer in time keeps the process; anything else, a cancellation too, ends it."""
        answer: PictureAnswer | None = None
        try:
            async with asyncio.timeout(PICTURE_TIMEOUT_S):
                answer = await self._asked(job)
        except TimeoutError:
            raise PicturesFailed(f"the picture took more than {PICTURE_TIMEOUT_S:.0f} s") from None
        finally:
            if answer is None or answer.last:
                self._drop(kill=answer is None)
            else:
                self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._drop)
        return answer

    async def _asked(self, job: PictureJob) -> PictureAnswer:
        if self._idle is not None:
            self._idle.cancel()
        if self._process is None or self._process.returncode is not None:
            self._process = await _start()
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the picture process was started without pipes")
        try:
            stdin.write(msgspec.json.encode(job) + b"\n")
            await stdin.drain()
            return msgspec.json.decode(await stdout.readuntil(), type=PictureAnswer)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise PicturesFailed("the process that works on pictures ended") from error

    def _drop(self, *, kill: bool = False) -> None:
        """Let the process end, or make it; the next picture starts another one."""
        process, self._process = self._process, None
        if self._idle is not None:
            self._idle.cancel()
        if process is not None:
            end = asyncio.get_running_loop().create_task(_end(process, kill))
            self._ends.add(end)
            end.add_done_callback(self._ends.discard)


async def _start() -> asyncio.subprocess.Process:
    """It gets no setting and no secret of ours. Memory that it frees goes back to the system."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "TMPDIR", "LANG", "PYTHONPATH")}
    source = str(Path(__file__).parents[3])
    path = os.pathsep.join(filter(None, [source, kept.get("PYTHONPATH")]))
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", _PROGRAM),
        env=kept | {"PYTHONPATH": path, "MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


async def _end(process: asyncio.subprocess.Process, kill: bool) -> None:
    if process.returncode is None and kill:
        process.kill()
    if process.stdin is not None:
        process.stdin.close()
    status = await process.wait()
    if status:
        log.info("picture_process_ended", status=status)


def _written(answer: PictureAnswer) -> PictureWritten:
    """Raises PictureInvalid, PictureTooLarge."""
    if answer.written is not None:
        return answer.written
    problem = PictureTooLarge if answer.code == PictureTooLarge.code else PictureInvalid
    extra = {} if answer.limit is None else {"limit": answer.limit}
    raise problem(answer.detail, **extra)
