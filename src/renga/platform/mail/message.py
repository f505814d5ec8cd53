"""A mail as an RFC 5322 message: UTF-8 plain text, safe from header injection."""

from email.message import EmailMessage
from email.policy import SMTP

from renga.kernel.card_numbers import mask_cards
from renga.platform.mail.port import Mail, MailUndelivered

#: Readable in a file, 8-bit on the wire: no base64, no wrapped links.
_POLICY = SMTP.clone(cte_type="8bit", max_line_length=0)


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """Raises MailUndelivered for an address or a subject with a line break in it."""
    message = EmailMessage(policy=_POLICY)
    try:
        message["From"] = sender
        message["To"] = mask_cards(mail.to)
        message["Subject"] = mask_cards(mail.subject)
        # suppresses automatic replies (RFC 3834)
        message["Auto-Submitted"] = "auto-generated"
    except ValueError as error:
        raise MailUndelivered(f"this mail cannot be written: {error}") from error
    message.set_content(mask_cards(mail.text), cte="8bit")
    return message
