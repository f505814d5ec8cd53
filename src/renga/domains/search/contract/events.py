"""Events of search. Routing keys are ``search.<Event>``; the subject is the language."""

from typing import Annotated, ClassVar

from msgspec import Meta

from renga.kernel.facts import Fact


class SearchFact(Fact, frozen=True, kw_only=True):
    """An event of this domain."""

    DOMAIN: ClassVar[str] = "search"


class MerchandisingChanged(SearchFact, frozen=True, kw_only=True):
    """The synonyms or pins of a language have changed; read them from search."""

    language: Annotated[str, Meta(description="The language (BCP 47); also the event's subject.", examples=["pt-BR"])]
    what: Annotated[str, Meta(description="What has changed: `synonyms` or `pins`.", examples=["pins"])]


#: Every event of this domain.
EVENTS: tuple[type[Fact], ...] = (MerchandisingChanged,)

#: A pattern that matches the routing keys of all of them, also in later versions.
ALL_FACTS = (f"{SearchFact.DOMAIN}.#",)
