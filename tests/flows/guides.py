"""Runs the shell blocks of a Markdown page as its reader does: top to bottom, in one shell, and says what failed.

A comment above a block says what is special about it: ``<!-- run: not here, REASON -->``, ``<!-- run: answers 412 -->`` (the
statuses at or above 400 that its ``curl`` shall see, else none), ``<!-- run: until stopped -->`` (a second terminal, with Ctrl-C
at the end).
"""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

BLOCK_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 20.0
#: What runs until it is stopped runs at least so long.
TERMINAL_S = 6.0
#: curl's exit status where the program behind the pipe has read enough.
CURL_WRITE_ERROR = 23
_FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\S*)[^\n]*\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_NOTE = re.compile(r"<!-- run: (.+?) -->\s*\Z")
_SHELLS = ("sh", "bash", "shell", "console")

#: Stands before curl on the path: what each call was answered.
_CURL = """#!/bin/sh
"{curl}" -w '%{{stderr}}\\nstatus %{{http_code}} %{{method}} %{{url_effective}}\\n' "$@" 2>>"$CURL_LOG"
status=$?
[ $status = 0 ] || [ $status = {write_error} ] || echo "exit $status: curl $*" >>"$CURL_LOG"
exit $status
"""


class Block(NamedTuple):
    line: int
    text: str
    note: str

    @property
    def elsewhere(self) -> bool:
        return self.note.startswith("not here, ")

    @property
    def until_stopped(self) -> bool:
        return self.note == "until stopped"

    @property
    def statuses(self) -> set[str]:
        """Those at or above 400 that it is meant to be answered."""
        return set(self.note.removeprefix("answers ").split()) if self.note.startswith("answers ") else set()


def blocks_of(page: Path) -> list[Block]:
    """Every shell block; a note that nobody understands, or another kind of shell, is an error."""
    text = page.read_text(encoding="utf-8")
    found = []
    for fence in _FENCE.finditer(text):
        if fence["kind"] not in _SHELLS:
            continue
        line = text.count("\n", 0, fence.start()) + 1
        assert fence["kind"] == "sh", f"{page.name}:{line}: blocks for the shell begin with ```sh"
        note = _NOTE.search(text[: fence.start()])
        indent = len(fence["indent"])
        body = "".join(one[indent:] if one.strip() else one for one in fence["body"].splitlines(keepends=True))
        block = Block(line, body, note[1] if note else "")
        assert not note or block.elsewhere or block.until_stopped or block.statuses, f"{page.name}:{line}: {note[1]}"
        found.append(block)
    return found


class Reader:
    """Somebody who follows a page. ``folder`` is where they are: it has ``.venv`` and ``docs`` as a checkout has."""

    def __init__(self, folder: Path, scratch: Path, environment: Mapping[str, str]) -> None:
        scratch.mkdir()
        self._folder, self._scratch = folder, scratch
        curl = shutil.which("curl")
        assert curl is not None, "the guides need curl"
        (scratch / "curl").write_text(_CURL.format(curl=curl, write_error=CURL_WRITE_ERROR))
        (scratch / "curl").chmod(0o755)
        self._log = scratch / "curl.log"
        self._environment = {**environment, "PATH": f"{scratch}:{environment['PATH']}", "CURL_LOG": str(self._log)}
        self._terminals: list[tuple[Block, subprocess.Popen[str], float]] = []
        self._failures: list[str] = []

    def follow(self, page: Path) -> list[str]:
        """What went wrong, one text for each trouble."""
        blocks = [block for block in blocks_of(page) if not block.elsewhere]
        with subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=self._folder, env=self._environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as shell:  # fmt: skip
            for number, block in enumerate(blocks):
                if block.until_stopped:
                    self._open_terminal(block)
                else:
                    self._run(shell, number, block, page.name)
            shell.communicate("exit\n", timeout=BLOCK_TIMEOUT_S)
        self._close_terminals(page.name)
        return self._failures

    def _run(self, shell: "subprocess.Popen[str]", number: int, block: Block, page: str) -> None:
        assert shell.stdin is not None
        assert shell.stdout is not None
        self._log.write_text("")
        file = self._scratch / f"block-{number}.sh"
        file.write_text(block.text, encoding="utf-8")
        trap = "trap 'echo \"renga-failed $? in $BASH_COMMAND\"' ERR; set -E"
        shell.stdin.write(f"{trap}\n. '{file}'\ntrap - ERR\necho; echo renga-end\n")
        shell.stdin.flush()
        said: list[str] = []
        for line in shell.stdout:
            if line == "renga-end\n":
                break
            said.append(line)
        failed = [line for line in said if line.startswith("renga-failed") or "Traceback" in line]
        log = self._log.read_text().splitlines()
        answered = [line.split(maxsplit=2) for line in log if line.startswith("status ")]
        bad = {status for _, status, *_ in answered if not "200" <= status < "400"}
        failed += [line for line in log if line.startswith("exit ")]
        if bad != block.statuses:
            failed.append(f"answered {sorted(bad)}, not {sorted(block.statuses)}: {answered}")
        if failed:
            self._failures.append(f"{page}:{block.line}: {failed}\n{''.join(said)[-2000:]}")

    def _open_terminal(self, block: Block) -> None:
        process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-c", f"exec {block.text.partition('   #')[0].strip()}"],
            cwd=self._folder, env=self._environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_listen_to_ctrl_c,
        )  # fmt: skip
        self._terminals.append((block, process, time.monotonic()))

    def _close_terminals(self, page: str) -> None:
        for block, process, opened_s in self._terminals:
            time.sleep(max(0.0, opened_s + TERMINAL_S - time.monotonic()))
            ended = process.poll()
            process.send_signal(signal.SIGINT)
            try:
                _, errors = process.communicate(timeout=STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                _, errors = process.communicate()
                errors += "Ctrl-C does not end it"
            if ended is not None or process.returncode != 0 or errors:
                self._failures.append(f"{page}:{block.line}: ended {ended or process.returncode}: {errors}")


def _listen_to_ctrl_c() -> None:
    """As in a terminal: a test that runs in the background of a shell ignores it, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
