"""How much work a JSON text may be: its objects and lists, counted before they are made.

A megabyte of ``[[],[],…`` is 400,000 lists. Making them takes 30 ms, and the garbage collector, which looks through all of them
again and again meanwhile, 80 ms more.
"""

from renga.kernel.errors import Invalid

#: Opening brackets in one text, those inside of strings too.
CONTAINERS_MAX = 50_000
_DEEP = b"[" * 2_000


class JsonTooComplex(Invalid):
    """The body has more objects and lists than any valid one; it was not read."""

    code = "json_too_complex"
    title = "The JSON has too many objects and lists"


def has_too_many_containers(text: bytes) -> bool:
    """Takes less than a millisecond for a megabyte."""
    if len(text) <= CONTAINERS_MAX or text.startswith(_DEEP):
        return False  # of the latter the reader makes nothing: it is nested too deeply
    return text.count(b"[") + text.count(b"{") > CONTAINERS_MAX


def check_containers(text: bytes) -> None:
    """Raises JsonTooComplex."""
    if has_too_many_containers(text):
        raise JsonTooComplex(f"the body has more than {CONTAINERS_MAX} objects and lists", limit=CONTAINERS_MAX)
