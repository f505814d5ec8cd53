"""The port for outgoing mail; adapters: files in the data folder (default) and SMTP."""

from typing import Protocol

import msgspec

from renga.kernel.errors import Unavailable


class MailUndelivered(Unavailable):
    code = "mail_undelivered"
    title = "The mail could not be handed over"


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A plain-text mail to one recipient. ``kind`` is the name of its template."""

    to: str
    subject: str
    text: str
    kind: str


class Mailer(Protocol):
    """Raises Unavailable if the mail could not be handed over within its deadline."""

    async def send(self, mail: Mail) -> None:
        """Hand a mail over for delivery."""
        ...
