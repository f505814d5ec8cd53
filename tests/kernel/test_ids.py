"""Ids follow RFC 9562 to the bit, sort by time, and are read in one form only."""

import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.kernel.clock import ManualClock
from renga.kernel.ids import canonical_uuid, id_source, uuid7, uuid8

MOMENTS = st.integers(0, 2**48 - 1)
BITS = st.integers(0, 2**74 - 1)


@given(MOMENTS, BITS)
def test_a_uuid7_has_the_layout_of_the_rfc(now_ms: int, bits: int) -> None:
    text = uuid7(now_ms, bits)
    made = uuid.UUID(text)
    assert text == str(made)
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == now_ms
    assert (made.int >> 64 & 0xFFF) << 62 | made.int & (1 << 62) - 1 == bits


def test_the_example_of_the_rfc_is_made_from_its_fields() -> None:
    """RFC 9562, appendix A.6."""
    assert uuid7(0x017F22E279B0, 0xCC3 << 62 | 0x18C4DC0C0C07398F) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(MOMENTS, MOMENTS, BITS, BITS)
def test_ids_of_different_moments_sort_by_time_as_texts(one_ms: int, other_ms: int, one: int, other: int) -> None:
    if one_ms != other_ms:
        assert (uuid7(one_ms, one) < uuid7(other_ms, other)) == (one_ms < other_ms)


def test_an_id_source_takes_the_time_of_its_clock_and_never_repeats_itself() -> None:
    clock = ManualClock(1_700_000_000_000)
    new_id = id_source(clock)
    ids = [new_id() for _ in range(1_000)]
    clock.advance(ms=1)
    later = new_id()
    assert len(set(ids)) == 1_000
    assert {uuid.UUID(one).int >> 80 for one in ids} == {1_700_000_000_000}
    assert max(ids) < later


@given(st.binary(min_size=16, max_size=64))
def test_a_uuid8_keeps_the_first_sixteen_bytes_but_version_and_variant(digest: bytes) -> None:
    text = uuid8(digest[:16])
    made = uuid.UUID(text)
    free = ~(0xF << 76 | 0b11 << 62)
    assert text == str(made)
    assert made.version == 8
    assert made.variant == uuid.RFC_4122
    assert made.int & free == int.from_bytes(digest[:16]) & free


def test_a_uuid8_of_a_longer_digest_is_that_of_its_first_sixteen_bytes() -> None:
    digest = hashlib.sha256(b"renga").digest()
    assert uuid8(digest) == uuid8(digest[:16])


@pytest.mark.parametrize(
    "text", ["01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a10", "01935B7E-4A00-7C3E-9A1C-2F6D5B8E7A10", str(uuid.UUID(int=0))]
)
def test_a_uuid_in_its_usual_form_is_read_in_lower_case(text: str) -> None:
    assert canonical_uuid(text) == text.lower()


HEX = "01935b7e4a007c3e9a1c2f6d5b8e7a10"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 36,
        HEX,
        "{{" + HEX + "}}",
        "urn:" + HEX,
        "----" + HEX,
        "0193-5b7e4a00-7c3e-9a1c-2f6d5b8e7a10",
        "01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a1",
        "01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a100",
        "01935b7e-4a00-7c3e-9a1c-2f6d5b8e7_10",
        "\u06601935b7e-4a00-7c3e-9a1c-2f6d5b8e7a10",
        "01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a1\n",
        " 1935b7e-4a00-7c3e-9a1c-2f6d5b8e7a10",
        "{01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a1}",
    ],
)
def test_nothing_else_is_read_as_a_uuid(text: str) -> None:
    assert canonical_uuid(text) is None
