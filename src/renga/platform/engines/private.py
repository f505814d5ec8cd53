"""Files of the data folder that only their owner reads: made as such, never made so afterwards, and whole or not there."""

import os
import re
import secrets
from pathlib import Path

_PASSWORD = re.compile(r"[A-Za-z0-9_-]{43,}")


def write_private(file: Path, content: bytes) -> None:
    """Replace a file at once by one that only its owner reads."""
    partial = file.with_name(file.name + ".new")
    partial.unlink(missing_ok=True)  # of a start that was killed
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as handle:
        handle.write(content)
    partial.replace(file)


def kept_password(file: Path) -> str:
    """The password in ``file``; a new one (256 random bits) if there is none that can be used, or if others could read it.

    The caller holds the data folder's lock, so nobody else makes one meanwhile.
    """
    if file.exists() and not file.stat().st_mode & 0o077:
        kept = file.read_text(errors="replace").strip()
        if _PASSWORD.fullmatch(kept):
            return kept
    made = secrets.token_urlsafe(32)
    write_private(file, f"{made}\n".encode())
    return made
