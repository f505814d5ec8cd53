"""A mail as an RFC 5322 message: UTF-8 plain text, no header that a value could add to."""

from email.message import EmailMessage
from email.policy import SMTP

from renga.platform.mail.port import Mail, MailUndelivered

#: Readable in a file and eight-bit clean on the wire: no base64, no broken links.
_POLICY = SMTP.clone(cte_type="8bit", max_line_length=0)


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """Raises MailUndelivered for an address or a subject with a line break in it."""
    message = EmailMessage(policy=_POLICY)
    try:
        message["From"] = sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        # told so that answering machines stay silent (RFC 3834)
        message["Auto-Submitted"] = "auto-generated"
    except ValueError as error:
        raise MailUndelivered(f"this mail cannot be written: {error}") from error
    message.set_content(mail.text, cte="8bit")
    return message
