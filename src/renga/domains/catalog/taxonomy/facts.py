"""Pure: the events of categories, collections and product types."""

import msgspec

from renga.domains.catalog.contract.events import CategoryChanged, CollectionChanged, ProductTypeChanged
from renga.domains.catalog.dependencies import CatalogDependencies
from renga.domains.catalog.model import SOURCE
from renga.kernel.events import Event


def event_of(
    fact: CategoryChanged | CollectionChanged | ProductTypeChanged, dependencies: CatalogDependencies
) -> Event:
    subject = fact.code if isinstance(fact, ProductTypeChanged) else fact.slug
    return Event(
        id=dependencies.new_id(),
        source=SOURCE,
        type=fact.TYPE,
        subject=subject,
        time=dependencies.now(),
        data=msgspec.to_builtins(fact),
        sequence=fact.version,
    )
