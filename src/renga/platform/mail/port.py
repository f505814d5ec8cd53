"""Mail out: one port; files in the data folder by default, SMTP by URL."""

from typing import Protocol

import msgspec

from renga.kernel.errors import Unavailable


class MailUndelivered(Unavailable):
    code = "mail_undelivered"
    title = "The mail could not be handed over"


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """Plain text, one recipient. ``kind`` names the template it came from."""

    to: str
    subject: str
    text: str
    kind: str


class Mailer(Protocol):
    """Raises Unavailable when the mail could not be handed over within its deadline."""

    async def send(self, mail: Mail) -> None:
        """Hand a mail over."""
        ...
