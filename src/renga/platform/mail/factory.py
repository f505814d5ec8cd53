"""Which mailer a URL means: none, files under the data folder; smtp:// and smtps://, a server."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec

from renga.platform.mail.files import FileMailer
from renga.platform.mail.port import Mailer
from renga.platform.mail.smtp import SmtpMailer, read_url

FOLDER = "mail"


class MailSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: Annotated[str, "smtp:// or smtps:// URL; empty: one file per mail under the data folder"] = ""
    sender: Annotated[str, "address that mails come from"] = "Renga <loja@localhost>"


def make_mailer(settings: MailSettings, data: Path, new_id: Callable[[], str]) -> Mailer:
    """Raises SettingsInvalid for a URL of another kind."""
    if not settings.url:
        return FileMailer(data / FOLDER, settings.sender, new_id)
    return SmtpMailer(read_url(settings.url), settings.sender)
