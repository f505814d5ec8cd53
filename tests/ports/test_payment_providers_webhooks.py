"""Webhooks of every provider: only genuine ones are read, and nothing in them breaks the reader."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renga.domains.payments.contract.errors import WebhookInvalid, WebhookRefused
from tests.ports.payment_lab import SECRET, ProviderLab
from tests.proof import count

#: What answers is a provider: its addresses may be like the shop's, its answers are its own.
pytestmark = pytest.mark.stand_ins

EXAMPLES = count(small=25, full=1_000)
SAME_LAB = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
#: Names of headers that providers sign with, beside nonsense.
HEADERS = st.sampled_from(["stripe-signature", "pix-signature", "x-pix-edge-token", "provider-signature", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


async def test_a_genuine_message_names_the_payment_and_has_an_id_of_its_own(paying: ProviderLab) -> None:
    record = await paying.captured()
    body, at_s = await paying.message(record.ref), paying.clock.now_ms() // 1000
    (event,) = paying.provider.verify(paying.sign(body, at_s, SECRET), body, paying.clock.now_ms())
    assert event.ref == record.ref
    assert event.id
    assert event.kind
    if event.record is not None:
        assert (event.record.ref, event.record.captured) == (record.ref, record.captured)
    (again,) = paying.provider.verify(paying.sign(body, at_s + 1, SECRET), body, paying.clock.now_ms())
    assert again.id == event.id


async def test_other_news_of_a_payment_has_another_id(paying: ProviderLab) -> None:
    paying.needs("news")
    record = await paying.captured()
    now_ms = paying.clock.now_ms()
    ids = set()
    for _ in range(2):
        body = await paying.message(record.ref)
        (event,) = paying.provider.verify(paying.sign(body, now_ms // 1000, SECRET), body, now_ms)
        ids.add(event.id)
        await paying.refund(record.ref, 100)
    assert len(ids) == 2


async def test_a_message_that_is_tampered_with_is_refused(paying: ProviderLab) -> None:
    paying.needs("signature")
    body = await paying.message((await paying.captured()).ref)
    now_ms = paying.clock.now_ms()
    headers = paying.sign(body, now_ms // 1000, SECRET)
    for forged in (body + b" ", body.replace(b"1", b"2", 1), b"", b"{}"):
        with pytest.raises(WebhookRefused):
            paying.provider.verify(headers, forged, now_ms)


@pytest.mark.parametrize("secret", ["another", "", SECRET + "x", SECRET.upper()])
async def test_a_message_signed_with_another_secret_is_refused(paying: ProviderLab, secret: str) -> None:
    body, now_ms = await paying.message((await paying.captured()).ref), paying.clock.now_ms()
    with pytest.raises(WebhookRefused):
        paying.provider.verify(paying.sign(body, now_ms // 1000, secret), body, now_ms)


async def test_a_signature_counts_for_five_minutes_in_both_directions(paying: ProviderLab) -> None:
    paying.needs("signature")
    body, now_ms = await paying.message((await paying.captured()).ref), paying.clock.now_ms()
    now_s = now_ms // 1000
    for late_s in (-300, 300):
        assert len(paying.provider.verify(paying.sign(body, now_s + late_s, SECRET), body, now_ms)) == 1
    for late_s in (-301, 301, -(10**9), 10**9):
        with pytest.raises(WebhookRefused):
            paying.provider.verify(paying.sign(body, now_s + late_s, SECRET), body, now_ms)


async def test_a_message_without_a_signature_is_refused(paying: ProviderLab) -> None:
    body, now_ms = await paying.message((await paying.captured()).ref), paying.clock.now_ms()
    signed = paying.sign(body, now_ms // 1000, SECRET)
    for headers in ({}, dict.fromkeys(signed, ""), {f"x-{name}": value for name, value in signed.items()}):
        with pytest.raises(WebhookRefused):
            paying.provider.verify(headers, body, now_ms)


@pytest.mark.proof
@SAME_LAB
@given(st.dictionaries(HEADERS, st.text(max_size=80), max_size=3), st.binary(max_size=200))
async def test_whatever_arrives_unsigned_is_refused(paying: ProviderLab, headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(WebhookRefused):
        paying.provider.verify(headers, body, paying.clock.now_ms())


@pytest.mark.proof
@SAME_LAB
@given(st.text(max_size=60), st.text(max_size=60))
async def test_a_signature_of_any_form_is_refused(paying: ProviderLab, time: str, signature: str) -> None:
    (name,) = paying.sign(b"{}", 0, SECRET)
    for header in (time, f"t={time},v1={signature}", f"v1={signature},t={paying.clock.now_ms() // 1000}", "t=1" * 400):
        with pytest.raises(WebhookRefused):
            paying.provider.verify({name: header}, b"{}", paying.clock.now_ms())


def verify_signed(lab: ProviderLab, body: bytes) -> None:
    """Reads a body that is signed rightly: it tells something, or it is WebhookInvalid."""
    now_ms = lab.clock.now_ms()
    try:
        events = lab.provider.verify(lab.sign(body, now_ms // 1000, SECRET), body, now_ms)
    except (WebhookInvalid, WebhookRefused):
        return
    for event in events:
        assert "\x00" not in event.id + event.ref + event.kind
        assert max(len(event.id), len(event.ref), len(event.kind)) <= 400


@pytest.mark.proof
@SAME_LAB
@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
async def test_any_body_that_is_signed_is_read_or_invalid(paying: ProviderLab, body: bytes) -> None:
    verify_signed(paying, body)


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"\x00", b'"\\ud800"', b"1e999", b"9" * 5_000, b"null", b"[]"],
    ids=["arrays", "objects", "no UTF-8", "NUL", "surrogate", "infinity", "digits", "null", "list"],
)
async def test_bodies_that_break_parsers_are_invalid(paying: ProviderLab, body: bytes) -> None:
    now_ms = paying.clock.now_ms()
    with pytest.raises((WebhookInvalid, WebhookRefused)):
        paying.provider.verify(paying.sign(body, now_ms // 1000, SECRET), body, now_ms)


def spoiled(value: Any, path: tuple[Any, ...], put: Any) -> Any:
    """A copy with something else at a path."""
    if not path:
        return put
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = spoiled(value[path[0]], path[1:], put)
    return copy


def paths(value: Any) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((name, *rest) for name, one in inner for rest in paths(one))]


async def test_a_genuine_message_with_one_member_spoiled_is_read_or_invalid(paying: ProviderLab) -> None:
    message = json.loads(await paying.message((await paying.captured()).ref))
    wrong: list[Any] = [None, "", "\x00", "é" * 300, -1, 2**63, 1.5, [], {}, True, "\ud800", "2026-13-45"]
    for path in paths(message):
        for put in wrong:
            verify_signed(paying, json.dumps(spoiled(message, path, put)).encode())
