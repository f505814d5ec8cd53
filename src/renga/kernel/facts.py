"""Facts as types: what a domain's ``contract/events.py`` is made of, and how an event's data is read as one.

A domain names itself once, in a base of its own; each fact below it gets its ``TYPE``::

    class CartFact(Fact, frozen=True, kw_only=True):
        DOMAIN = "cart"

    class CartCreated(CartFact, frozen=True, kw_only=True):   # CartCreated.TYPE == "cart.CartCreated"
        cart_id: str
"""

from typing import Any, ClassVar, TypeVar

import msgspec

from renga.kernel.errors import RengaError
from renga.kernel.events import Event


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """The ``data`` of one type of event. ``TYPE`` is the event's type and its routing key: ``<domain>.<Event>``.

    The docstring of a fact and ``Annotated[..., Meta(description=..., examples=[...])]`` of its members are what listeners read.
    """

    DOMAIN: ClassVar[str] = ""
    TYPE: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.TYPE = f"{cls.DOMAIN}.{cls.__name__}"


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
