"""Base class of the facts in a domain's ``contract/events.py``, and reading an event's data as its fact.

A domain sets ``DOMAIN`` once, in its base class; each subclass gets its ``TYPE``::

    class CartFact(Fact, frozen=True, kw_only=True):
        DOMAIN = "cart"

    class CartCreated(CartFact, frozen=True, kw_only=True):   # CartCreated.TYPE == "cart.CartCreated"
        cart_id: str

A fact may carry a second, more general fact (``ALSO``). One record and one message hold both.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import msgspec

from renga.kernel.errors import RengaError
from renga.kernel.events import Also, Event


class AlsoSays(msgspec.Struct, frozen=True, kw_only=True):
    """The second ``fact`` that a fact carries. Its members: those that both facts have, and ``constants``.

    The id of the second event is the id of the first, ``:`` and ``suffix``: stable and unique.
    """

    fact: "type[Fact]"
    suffix: str
    constants: Mapping[str, Any] = {}


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """The ``data`` of one type of event. ``TYPE`` is the event's type and its routing key: ``<domain>.<Event>``.

    The docstring of a fact and ``Annotated[..., Meta(description=..., examples=[...])]`` of its members go into AsyncAPI.
    ``ALSO`` is a second fact of the same domain, carried by every event of this type (None: no second fact).
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
    """An event's data does not match its type. A retry cannot help: the event becomes a dead letter."""

    code = "fact_invalid"
    title = "An event's data is not what its type says"


AnyFact = TypeVar("AnyFact", bound=Fact)


def fact_of(event: Event, cls: type[AnyFact]) -> AnyFact:
    """The event's data as ``cls``; members that ``cls`` does not have are ignored.

    Raises FactInvalid for an event of another type, a missing member or a member of the wrong type.
    """
    if event.type != cls.TYPE:
        raise FactInvalid(f"{event.id} is {event.type}, not {cls.TYPE}")
    try:
        return msgspec.convert(event.data, cls)
    except msgspec.ValidationError as error:
        raise FactInvalid(f"{event.id} ({event.type}): {error}") from error


def also_of(cls: type[Fact], data: Mapping[str, Any]) -> Also | None:
    """The ``also`` of an event of this type with this data; None if the type carries no second fact."""
    says = cls.ALSO
    if says is None:
        return None
    shared = {name: data[name] for name in says.fact.__struct_fields__ if name in data}
    shared.update(says.constants)
    return Also(type=says.fact.TYPE, suffix=says.suffix, data=shared)
