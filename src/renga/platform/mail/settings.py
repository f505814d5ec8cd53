"""The settings of mails: section ``mail`` (``RENGA_MAIL_…``)."""

from typing import Annotated

import msgspec


class MailSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: Annotated[str, "smtp:// or smtps:// URL; empty: one file per mail under the data folder"] = ""
    sender: Annotated[str, "sender address of mails"] = "Renga <loja@localhost>"
