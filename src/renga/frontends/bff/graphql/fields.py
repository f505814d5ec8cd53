"""How a field of the schema is declared: its resolver, what it is, who may read it, what must be at hand for it.

A resolver is a plain function of ``root`` (what its type stands for), ``info`` if it needs the request, and the field's
arguments. It is sync unless it asks a contract by itself; plans and graphql-core call the same function.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from renga.domains.cart.contract import ANY_CART, OWN_CARTS
from renga.platform.auth.access import PUBLIC, Access

#: Who has a guest cart's id may read it; a customer's answers to her alone, and to services: as ``GET /v1/carts/{cart_id}``.
CART = Access(
    scopes=(OWN_CARTS,),
    instead=(ANY_CART,),
    guest=True,
    objects="a guest's by its id; her own; every cart for services",
)

Resolver = Callable[..., Any]


def public(resolver: Resolver, description: str, *, needs: tuple[str, ...] = (), size: int = 0) -> Any:
    """A field that anyone may read. ``needs`` names what the request loads beforehand: see ``Context.prepare``.

    ``size`` is how many entries a list without ``first`` is taken to have when the cost is counted.
    """
    return _field(resolver, description, PUBLIC, needs, size)


def of_cart(resolver: Resolver, description: str, *, needs: tuple[str, ...] = (), size: int = 0) -> Any:
    """A field that shows a cart."""
    return _field(resolver, description, CART, needs, size)


def own(path: str) -> Resolver:
    """A resolver that takes what stands at ``path`` of its source."""
    getter = attrgetter(path)

    def resolve(root: strawberry.Parent[Any]) -> Any:
        return getter(root)

    resolve.getter = getter  # type: ignore[attr-defined]  # plans call it without a detour
    return resolve


def _field(resolver: Resolver, description: str, access: Access, needs: tuple[str, ...], size: int) -> Any:
    metadata = {"access": access, "needs": needs, "size": size}
    return strawberry.field(resolver=resolver, description=description, metadata=metadata)


def declaration(field: Any) -> StrawberryField | None:
    """Strawberry's side of a field of graphql-core."""
    found: StrawberryField | None = (field.extensions or {}).get("strawberry-definition")
    return found


def access_of(field: Any) -> Access | None:
    """Who may read a field of the built schema; None if it does not say."""
    access = _said(field, "access", None)
    return access if isinstance(access, Access) else None


def needs_of(field: Any) -> tuple[str, ...]:
    """What the request loads before the field's resolver is called."""
    needs: tuple[str, ...] = _said(field, "needs", ())
    return needs


def size_of(field: Any) -> int:
    """How many entries it is taken to have; 0: it is no list, or has ``first``."""
    size: int = _said(field, "size", 0)
    return size


def _said(field: Any, name: str, otherwise: Any) -> Any:
    declared = declaration(field)
    metadata: Any = None if declared is None else declared.metadata
    return (metadata or {}).get(name, otherwise)
