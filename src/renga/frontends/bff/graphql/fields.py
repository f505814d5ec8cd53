"""Declaration of a schema field: resolver, description, access, data to load first.

A resolver is a plain function of ``root`` (its type's source), ``info`` if it needs the request, and the field's
arguments. It is sync unless it calls a contract; plans and graphql-core call the same function.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from renga.domains.cart.contract import ANY_CART, OWN_CARTS
from renga.platform.auth.access import PUBLIC, Access

#: As ``GET /v1/carts/{cart_id}``: a guest's cart by its id; a customer's cart for that customer and for services.
CART = Access(
    scopes=(OWN_CARTS,),
    instead=(ANY_CART,),
    guest=True,
    objects="a guest's cart by its id; the customer's own carts; every cart for services",
)

Resolver = Callable[..., Any]


def public(
    resolver: Resolver, description: str, *, needs: tuple[str, ...] = (), size: int = 0, by_terms: bool = False
) -> Any:
    """A public field. ``needs`` names the taxonomy to load first, see ``Context.prepare``.

    ``size`` is the assumed length of a list without ``first``, for the cost. ``by_terms``: its resolver takes ``info``, but only
    for the terms, so that what it returns depends on its source, its arguments and the reader's terms alone.
    """
    return _field(resolver, description, PUBLIC, needs, size, by_terms=by_terms)


def of_cart(resolver: Resolver, description: str, *, needs: tuple[str, ...] = (), size: int = 0) -> Any:
    """A field that returns a cart."""
    return _field(resolver, description, CART, needs, size)


def own(path: str) -> Resolver:
    """A resolver that returns the attribute at ``path`` of its source."""
    getter = attrgetter(path)

    def resolve(root: strawberry.Parent[Any]) -> Any:
        return getter(root)

    resolve.getter = getter  # type: ignore[attr-defined]  # plans call it directly
    return resolve


def _field(
    resolver: Resolver, description: str, access: Access, needs: tuple[str, ...], size: int, *, by_terms: bool = False
) -> Any:
    metadata = {"access": access, "needs": needs, "size": size, "by_terms": by_terms}
    return strawberry.field(resolver=resolver, description=description, metadata=metadata)


def declaration(field: Any) -> StrawberryField | None:
    """The Strawberry declaration of a graphql-core field."""
    found: StrawberryField | None = (field.extensions or {}).get("strawberry-definition")
    return found


def access_of(field: Any) -> Access | None:
    """The access of a field of the built schema; None if not declared."""
    access = _said(field, "access", None)
    return access if isinstance(access, Access) else None


def needs_of(field: Any) -> tuple[str, ...]:
    """The taxonomy to load before the field's resolver is called."""
    needs: tuple[str, ...] = _said(field, "needs", ())
    return needs


def is_by_terms(field: Any) -> bool:
    """Whether the field takes no more of the request than its terms."""
    by_terms: bool = _said(field, "by_terms", False)
    return by_terms


def size_of(field: Any) -> int:
    """The assumed length of the list; 0: no list, or it has ``first``."""
    size: int = _said(field, "size", 0)
    return size


def _said(field: Any, name: str, otherwise: Any) -> Any:
    declared = declaration(field)
    metadata: Any = None if declared is None else declared.metadata
    return (metadata or {}).get(name, otherwise)
