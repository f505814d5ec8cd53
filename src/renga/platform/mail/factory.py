"""Makes the mailer of a URL: smtp:// or smtps:// a server, empty: files under the data folder."""

from collections.abc import Callable
from pathlib import Path

from renga.platform.mail.files import FileMailer
from renga.platform.mail.port import Mailer
from renga.platform.mail.settings import MailSettings
from renga.platform.mail.smtp import SmtpMailer, read_url

FOLDER = "mail"


def make_mailer(settings: MailSettings, data: Path, new_id: Callable[[], str]) -> Mailer:
    """Raises SettingsInvalid for a URL of another kind."""
    if not settings.url:
        return FileMailer(data / FOLDER, settings.sender, new_id)
    return SmtpMailer(read_url(settings.url), settings.sender)
