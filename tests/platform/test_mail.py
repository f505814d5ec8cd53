"""Mail out: files that are whole, a real SMTP conversation, and a queue that never tells its sender anything."""

import asyncio
import contextlib
import email
import email.policy
import os
from pathlib import Path

import pytest

from renga.kernel.errors import Unavailable
from renga.platform.mail.factory import make_mailer
from renga.platform.mail.files import FileMailer
from renga.platform.mail.port import Mail, MailUndelivered
from renga.platform.mail.queue import ATTEMPTS_MAX, WAITING_MAX, QueuedMailer
from renga.platform.mail.settings import MailSettings
from renga.platform.mail.smtp import SmtpMailer, read_url
from renga.platform.settings import SettingsInvalid
from tests.support import eventually

LINK = "https://shop.example/verify?link=" + "a" * 200
MAIL = Mail(to="ana@example.com", subject="Confirmação", text=f"Olá!\n\n{LINK}\n", kind="verify_email")


async def test_a_file_holds_one_mail_that_mail_programs_read(tmp_path: Path) -> None:
    mailer = make_mailer(MailSettings(), tmp_path, lambda: "0001")
    await mailer.send(MAIL)
    (path,) = (tmp_path / "mail").iterdir()
    assert path.name == "0001-verify_email.eml"
    assert path.stat().st_mode & 0o777 == 0o600
    read = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (read["To"], read["Subject"], read["Auto-Submitted"]) == (MAIL.to, MAIL.subject, "auto-generated")
    assert read.get_content().replace("\r\n", "\n") == MAIL.text
    assert LINK in path.read_text(encoding="utf-8")


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(MailUndelivered):
        await FileMailer(tmp_path / "mail", "shop@example.com", lambda: "1").send(MAIL)


@pytest.mark.parametrize("field", ["to", "subject"])
async def test_no_value_adds_a_header(tmp_path: Path, field: str) -> None:
    values = {"to": MAIL.to, "subject": MAIL.subject, field: "ana@example.com\r\nBcc: all@example.com"}
    with pytest.raises(MailUndelivered):
        await FileMailer(tmp_path, "shop@example.com", lambda: "1").send(
            Mail(to=values["to"], subject=values["subject"], text="", kind="x")
        )
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "user"),
    [
        ("smtp://mail.example", "mail.example", 587, False, None),
        ("smtps://me%40x:p%3As@mail.example", "mail.example", 465, True, "me@x"),
        ("smtp://mail.example:25?plain=1", "mail.example", 25, False, None),
    ],
)
def test_a_url_names_a_server(url: str, host: str, port: int, tls: bool, user: str | None) -> None:
    server = read_url(url)
    assert (server.host, server.port, server.tls, server.user) == (host, port, tls, user)
    assert server.plain_allowed is url.endswith("plain=1")
    assert "p:s" not in repr(server)


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "smtp://mail.example:x"])
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid):
        read_url(url)


class Server:
    """Enough of RFC 5321 to take a mail. ``offers`` are its extensions."""

    def __init__(self, *offers: str) -> None:
        self.offers, self.received = offers, b""
        self.finished = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            command = line[:4].upper()
            if command == b"EHLO":
                replies = ["here", *self.offers]
                writer.write("".join(f"250{'-' if one != replies[-1] else ' '}{one}\r\n" for one in replies).encode())
            elif command == b"DATA":
                writer.write(b"354 go on\r\n")
                self.received = await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 taken\r\n")
            elif command == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 yes\r\n")
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        self.finished.set()


async def _send_to(server: Server, query: str) -> None:
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    try:
        port = listening.sockets[0].getsockname()[1]
        await SmtpMailer(read_url(f"smtp://127.0.0.1:{port}{query}"), "Renga <shop@example.com>").send(MAIL)
    finally:
        await server.finished.wait()
        listening.close()
        await listening.wait_closed()


async def test_a_server_gets_the_mail() -> None:
    server = Server("8BITMIME")
    await _send_to(server, "?plain=1")
    read = email.message_from_bytes(server.received[:-5], policy=email.policy.default)
    assert (read["From"], read["To"]) == ("Renga <shop@example.com>", MAIL.to)
    assert LINK in server.received.decode()


async def test_without_tls_on_offer_no_mail_is_sent() -> None:
    server = Server("8BITMIME")
    with pytest.raises(MailUndelivered):
        await _send_to(server, "")
    assert server.received == b""


async def test_a_server_that_is_away_is_said() -> None:
    with pytest.raises(MailUndelivered):
        await SmtpMailer(read_url("smtp://127.0.0.1:1?plain=1"), "shop@example.com").send(MAIL)


class Flaky:
    """A ``Mailer`` that fails so many times first."""

    def __init__(self, failures: int) -> None:
        self.failures, self.calls = failures, 0
        self.sent: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.calls += 1
        if self.calls <= self.failures:
            raise Unavailable()
        self.sent.append(mail)


async def _no_wait(seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize(("failures", "sent"), [(0, 1), (ATTEMPTS_MAX - 1, 1), (ATTEMPTS_MAX, 0)])
async def test_a_queued_mail_is_tried_again_a_bounded_number_of_times(failures: int, sent: int) -> None:
    inner = Flaky(failures)
    queue = QueuedMailer(inner, sleep=_no_wait)
    running = asyncio.create_task(queue.run())
    await queue.send(MAIL)
    await queue.drain(10)
    assert inner.sent == [MAIL] * sent
    assert inner.calls == min(failures + 1, ATTEMPTS_MAX)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_full_queue_drops_and_says_nothing_to_who_sends() -> None:
    inner = Flaky(0)
    queue = QueuedMailer(inner, sleep=_no_wait)
    for _ in range(WAITING_MAX + 5):
        await queue.send(MAIL)
    running = asyncio.create_task(queue.run())

    async def all_sent() -> bool:
        return len(inner.sent) == WAITING_MAX

    await eventually(all_sent)
    await queue.drain(10)
    assert len(inner.sent) == WAITING_MAX
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
