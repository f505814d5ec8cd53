"""Facts of search. Routing keys are ``search.<Event>``; the subject is the language that was steered."""

import msgspec


class MerchandisingChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Synonyms or pins of a language are others now; ask search for them."""

    language: str
    what: str
