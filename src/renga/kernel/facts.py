"""Facts as types: what a domain's ``contract/events.py`` is made of, and how an event's data is read as one.

A domain names itself once, in a base of its own; each fact below it gets its ``TYPE``::

    class CartFact(Fact, frozen=True, kw_only=True):
        DOMAIN = "cart"

    class CartCreated(CartFact, frozen=True, kw_only=True):   # CartCreated.TYPE == "cart.CartCreated"
        cart_id: str

A fact may say another one, which is more general, beside itself (``ALSO``). One record and one message tell both.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import msgspec

from renga.kernel.errors import RengaError
from renga.kernel.events import Also, Event


class AlsoSays(msgspec.Struct, frozen=True, kw_only=True):
    """Which ``fact`` another one also says: the members that both have, and ``constants``.

    The id of the second event is the id of the first, ``:`` and ``suffix``: stable, and never the id of another event.
    """

    fact: "type[Fact]"
    suffix: str
    constants: Mapping[str, Any] = {}


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """The ``data`` of one type of event. ``TYPE`` is the event's type and its routing key: ``<domain>.<Event>``.

    The docstring of a fact and ``Annotated[..., Meta(description=..., examples=[...])]`` of its members are what listeners read.
    ``ALSO`` is the fact of the same domain that every event of this type says too, after itself (None: no other).
    """

    DOMAIN: ClassVar[str] = ""
    TYPE: ClassVar[str] = ""
    ALSO: ClassVar[AlsoSays | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.TYPE = f"{cls.DOMAIN}.{cls.__name__}"
        if cls.ALSO is not None and cls.ALSO.fact.DOMAIN != cls.DOMAIN:
            raise TypeError(f"{cls.TYPE} cannot say {cls.ALSO.fact.TYPE}: that is another domain's to say")
        if cls.ALSO is not None and cls.ALSO.fact.ALSO is not None:
            raise TypeError(f"{cls.TYPE} cannot say {cls.ALSO.fact.TYPE}, which says yet another fact")


class FactInvalid(RengaError):
    """An event's data is not what its type says. No retry mends that: the event becomes a dead letter."""

    code = "fact_invalid"
    title = "An event's data is not what its type says"


AnyFact = TypeVar("AnyFact", bound=Fact)


def fact_of(event: Event, cls: type[AnyFact]) -> AnyFact:
    """The event's data as ``cls``; members that ``cls`` does not know are passed over.

    Raises FactInvalid for an event of another type, a missing member and a member of another type.
    """
    if event.type != cls.TYPE:
        raise FactInvalid(f"{event.id} is {event.type}, not {cls.TYPE}")
    try:
        return msgspec.convert(event.data, cls)
    except msgspec.ValidationError as error:
        raise FactInvalid(f"{event.id} ({event.type}): {error}") from error


def also_of(cls: type[Fact], data: Mapping[str, Any]) -> Also | None:
    """What an event of this type with this data also says; None if it says itself only."""
    says = cls.ALSO
    if says is None:
        return None
    shared = {name: data[name] for name in says.fact.__struct_fields__ if name in data}
    return Also(type=says.fact.TYPE, suffix=says.suffix, data={**shared, **says.constants})
