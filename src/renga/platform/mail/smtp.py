"""Mail over SMTP: smtps:// is implicit TLS, smtp:// uses STARTTLS if the server offers it."""

import asyncio
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import msgspec

from renga.platform.mail.message import message_of
from renga.platform.mail.port import Mail, MailUndelivered
from renga.platform.settings import Secret, SettingsInvalid

PORTS = {"smtp": 587, "smtps": 465}
#: Deadline of one mail, connecting included.
DEADLINE_S = 15.0


class SmtpServer(msgspec.Struct, frozen=True, kw_only=True):
    """The SMTP server. ``plain_allowed``: send unencrypted if the server offers no STARTTLS."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: Secret
    plain_allowed: bool


def read_url(url: str) -> SmtpServer:
    """``smtps://user:password@host:465`` or ``smtp://host:25?plain=1``. Raises SettingsInvalid."""
    parts = urlsplit(url)
    try:
        port = parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError) as error:
        raise SettingsInvalid("the mail URL is smtp://host:port or smtps://host:port") from error
    if not parts.hostname:
        raise SettingsInvalid("the mail URL names no host")
    return SmtpServer(
        host=parts.hostname,
        port=port,
        tls=parts.scheme == "smtps",
        user=unquote(parts.username) if parts.username else None,
        password=Secret(unquote(parts.password or "")),
        plain_allowed=parse_qs(parts.query).get("plain") == ["1"],
    )


class SmtpMailer:
    """``Mailer`` that hands each mail to a server within DEADLINE_S."""

    def __init__(self, server: SmtpServer, sender: str) -> None:
        self._server, self._sender = server, sender

    async def send(self, mail: Mail) -> None:
        message, server = message_of(mail, self._sender), self._server
        try:
            async with asyncio.timeout(DEADLINE_S):
                await aiosmtplib.send(
                    message,
                    hostname=server.host,
                    port=server.port,
                    username=server.user,
                    password=server.password.reveal() if server.user else None,
                    use_tls=server.tls,
                    start_tls=None if server.plain_allowed or server.tls else True,
                    timeout=DEADLINE_S,
                )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise MailUndelivered(f"the mail server: {type(error).__name__}") from error
