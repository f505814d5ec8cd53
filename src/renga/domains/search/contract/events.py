"""Facts of search. Routing keys are ``search.<Event>``; the subject is the language that was steered."""

from typing import Annotated, ClassVar

from msgspec import Meta

from renga.kernel.facts import Fact


class SearchFact(Fact, frozen=True, kw_only=True):
    """A fact of this domain."""

    DOMAIN: ClassVar[str] = "search"


class MerchandisingChanged(SearchFact, frozen=True, kw_only=True):
    """Synonyms or pins of a language are others now; ask search for them."""

    language: Annotated[str, Meta(description="The language (BCP 47); also the event's subject.", examples=["pt-BR"])]
    what: Annotated[str, Meta(description="What has changed: `synonyms` or `pins`.", examples=["pins"])]


#: Every fact that this domain tells.
EVENTS: tuple[type[Fact], ...] = (MerchandisingChanged,)

#: The routing keys of all of them, those of later versions too.
ALL_FACTS = (f"{SearchFact.DOMAIN}.#",)
