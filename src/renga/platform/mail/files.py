"""Mail as files: one per mail in a folder, for the demo and for development. Nothing leaves the machine."""

import asyncio
import os
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from renga.platform.mail.message import message_of
from renga.platform.mail.port import Mail, MailUndelivered


class FileMailer:
    """``Mailer`` that keeps each mail as ``<folder>/<id>-<kind>.eml``, readable by its owner only."""

    def __init__(self, folder: Path, sender: str, new_id: Callable[[], str]) -> None:
        self._folder, self._sender, self._new_id = folder, sender, new_id

    async def send(self, mail: Mail) -> None:
        message = message_of(mail, self._sender)
        path = self._folder / f"{self._new_id()}-{mail.kind}.eml"
        try:
            await asyncio.to_thread(_write, path, message)
        except OSError as error:
            raise MailUndelivered(f"the mail cannot be kept: {error}") from error


def _write(path: Path, message: EmailMessage) -> None:
    """Write atomically: a file with the final name is complete."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(".part")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(message.as_bytes())
    unfinished.rename(path)
