"""An error that crosses a wire comes back as its type; one that is unknown here comes back as its kind."""

import msgspec
import pytest

from renga.kernel.error_wire import ErrorWire, from_wire, to_wire
from renga.kernel.errors import RengaError, Unavailable
from tests.kernel.test_errors import EVERY


def _made(cls: type[RengaError]) -> RengaError:
    error = cls.__new__(cls)
    RengaError.__init__(error, "a sentence", limit=100)
    if isinstance(error, Unavailable):
        error.retry_after_s = 7
    return error


@pytest.mark.parametrize("cls", EVERY, ids=lambda cls: cls.__qualname__)
def test_every_error_survives_the_wire_as_its_type(cls: type[RengaError]) -> None:
    sent = _made(cls)
    came = from_wire(msgspec.json.decode(msgspec.json.encode(to_wire(sent)), type=ErrorWire))
    assert type(came) is cls
    assert (came.code, came.detail, came.extra, str(came)) == (cls.code, "a sentence", {"limit": 100}, "a sentence")
    assert getattr(came, "retry_after_s", None) == getattr(sent, "retry_after_s", None)


def test_no_two_types_have_the_same_code_and_name() -> None:
    assert len({(cls.code, cls.__name__) for cls in EVERY}) == len(EVERY)


def test_an_unknown_code_comes_back_as_its_kind_and_keeps_its_code() -> None:
    came = from_wire(ErrorWire(code="moon_away", name="MoonAway", kind="unavailable", detail="d", retry_after_s=3))
    assert type(came) is Unavailable
    assert (came.code, came.detail, came.retry_after_s) == ("moon_away", "d", 3)
    assert Unavailable.code == "unavailable"


def test_an_unknown_kind_comes_back_as_the_base() -> None:
    came = from_wire(ErrorWire(code="moon_away", name="MoonAway", kind="lunar", detail="d"))
    assert (type(came), came.code) == (RengaError, "moon_away")
