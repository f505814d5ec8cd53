"""What a process tells and leaves has no number of a card, whatever came before: logs, tracebacks, spans, dead letters, mail."""

import logging
import subprocess
import sys

import msgspec
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from renga.platform.bus.dead_bodies import masked_body
from renga.platform.bus.delivery import REASON_MAX_CHARS, describe
from renga.platform.mail.message import message_of
from renga.platform.mail.port import Mail
from renga.platform.telemetry.masking import MaskingFormatter, masked_value
from renga.platform.telemetry.traces import Traces, finish

VISA = "4242424242424242"
TOLD = "[card ****4242]"
PROGRAM = """
import logging
import sys
import threading
import structlog
from renga.platform.telemetry.logs import configure

configure("debug", sys.argv[1])
CARD = "4242 4242 4242 4242"
log = structlog.get_logger("test")
log.info("taken " + CARD, note=CARD, number=4242424242424242, deep={"a": [CARD, {CARD: 1}]}, raw=CARD.encode())
log.bind(card=CARD).warning("bound")
try:
    raise RuntimeError(CARD)
except RuntimeError as error:
    log.error("failed", exc_info=error, error=error)
    logging.getLogger("library").exception("of a library: %s", CARD)
logging.getLogger("library").warning("as %r", {"card": CARD})
def crash():
    raise ValueError("thread " + CARD)
thread = threading.Thread(target=crash)
thread.start()
thread.join()
raise ValueError("main " + CARD)
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_line_of_a_log_has_a_number(form: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, form], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert VISA not in done.stderr.replace(" ", "")
    assert done.stderr.count(TOLD) >= 14
    for expected in (f"RuntimeError: {TOLD}", f"of a library: {TOLD}", f"thread {TOLD}", f"ValueError: main {TOLD}"):
        assert expected in done.stderr
    assert "Traceback" in done.stderr
    if form == "json":
        first = msgspec.json.decode(done.stderr.splitlines()[0])
        assert (first["event"], first["note"], first["number"]) == (f"taken {TOLD}", TOLD, TOLD)
        assert first["deep"] == {"a": [TOLD, {TOLD: 1}]}


def test_a_record_without_a_number_is_as_it_was() -> None:
    record = logging.LogRecord("a", logging.WARNING, "f", 1, "4 %s of 1234567812345678", ("lines",), None)
    assert MaskingFormatter("%(name)s %(message)s").format(record) == "a 4 lines of 1234567812345678"
    value = {"a": [1, 2.5, None, True, "x", b"y"], "b": 1234567890123456}
    assert masked_value(value) == value


def _fail_in_a_span(traces: Traces) -> None:
    with traces.request("GET", {}) as span:
        finish(span, "GET", f"/x/{VISA}", 500)
        span.set_attribute("url.query", f"card={VISA}")
        span.add_event(f"tried {VISA}", {"codes": (VISA, "b")})
        raise ValueError(f"no {VISA}")


def test_spans_leave_masked() -> None:
    exporter = InMemorySpanExporter()
    traces = Traces(exporter)
    with pytest.raises(ValueError, match="4242"):
        _fail_in_a_span(traces)
    traces.close()
    (found,) = exporter.get_finished_spans()
    assert VISA not in found.to_json()
    assert found.name == f"GET /x/{TOLD}"
    assert found.attributes is not None
    assert found.attributes["url.query"] == f"card={TOLD}"
    assert [event.name for event in found.events] == [f"tried {TOLD}", "exception"]
    assert found.events[1].attributes is not None
    assert f"ValueError: no {TOLD}" in str(found.events[1].attributes["exception.stacktrace"])


def test_a_dead_letter_is_masked_and_stays_json() -> None:
    body = msgspec.json.encode(
        {"id": "e-1", "data": {"note": f"x {VISA}", "amount": 1999, "n": int(VISA), VISA: [None]}}
    )
    assert msgspec.json.decode(masked_body(body)) == {
        "id": "e-1",
        "data": {"note": f"x {TOLD}", "amount": 1999, "n": TOLD, TOLD: [None]},
    }
    plain = msgspec.json.encode({"sku": "4006381333931", "at": 1_700_000_000_000_000})
    assert masked_body(plain) is plain
    assert masked_body(b"\xff " + VISA.encode()) == b"\xff " + TOLD.encode()
    reason = describe(ValueError("x" * (REASON_MAX_CHARS - 20) + VISA))
    assert VISA[:13] not in reason
    assert len(reason) <= REASON_MAX_CHARS


def test_a_mail_is_masked() -> None:
    mail = Mail(to="ana@example.com", subject=f"Of {VISA}", text=f"Hello {VISA}\n\nhttps://shop.test/t?x=aB3", kind="k")
    message = message_of(mail, "shop@example.com")
    assert message["Subject"] == f"Of {TOLD}"
    assert message.get_content() == f"Hello {TOLD}\n\nhttps://shop.test/t?x=aB3\n"
