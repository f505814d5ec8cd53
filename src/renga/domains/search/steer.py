"""Use cases: set synonyms and pins, validated and announced by an event."""

from collections.abc import Sequence

import msgspec

from renga.domains.search.asking import check_language, checked_text
from renga.domains.search.contract import Pins, PinsInvalid, SearchInvalid, Synonyms, SynonymsInvalid
from renga.domains.search.contract.events import MerchandisingChanged
from renga.domains.search.limits import PINS_MAX, SYNONYM_CHARS_MAX, SYNONYM_WORDS_MAX, SYNONYMS_MAX
from renga.domains.search.model.folding import words_of
from renga.domains.search.ports import SteeringStore
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.events import Event
from renga.kernel.ids import IdSource

SOURCE = "renga/search"
_SLUG_CHARS_MAX = 120


async def set_synonyms(
    store: SteeringStore, language: str, synonyms: Sequence[Synonyms], *, clock: Clock, new_id: IdSource
) -> None:
    """Raises SynonymsInvalid."""
    _check_language(language, SynonymsInvalid)
    if len(synonyms) > SYNONYMS_MAX:
        raise SynonymsInvalid(f"at most {SYNONYMS_MAX} rulings may be kept for a language", limit=SYNONYMS_MAX)
    for number, one in enumerate(synonyms, 1):
        words = (*one.words, *one.to)
        if len(one.words) < (1 if one.to else 2) or len(words) > SYNONYM_WORDS_MAX:
            raise SynonymsInvalid(f"ruling {number}: two to {SYNONYM_WORDS_MAX} words, or words that lead to others")
        if bad := next((word for word in words if not _is_word(word)), None):
            raise SynonymsInvalid(f"ruling {number}: {bad[:60]!r} is not a word of 1 to {SYNONYM_CHARS_MAX} characters")
    await store.set_synonyms(language, synonyms, _event(language, "synonyms", clock, new_id))


def _is_word(text: str) -> bool:
    return bool(words_of(text)) and len(text) <= SYNONYM_CHARS_MAX and text.isprintable()


async def set_pins(store: SteeringStore, pins: Pins, *, clock: Clock, new_id: IdSource) -> None:
    """Raises PinsInvalid."""
    _check_language(pins.language, PinsInvalid)
    try:
        text = checked_text(pins.text)
    except SearchInvalid as error:
        raise PinsInvalid(error.detail) from None
    if not words_of(text):
        raise PinsInvalid("text has no word to rule for")
    slugs = (*pins.pinned, *pins.hidden)
    if len(slugs) > PINS_MAX or len(set(slugs)) < len(slugs):
        raise PinsInvalid(f"at most {PINS_MAX} products may be pinned or hidden, each once", limit=PINS_MAX)
    if bad := next((slug for slug in slugs if not 0 < len(slug) <= _SLUG_CHARS_MAX or not slug.isprintable()), None):
        raise PinsInvalid(f"{bad[:60]!r} is not a slug")
    pins = msgspec.structs.replace(pins, text=text)
    await store.set_pins(pins, _event(pins.language, "pins", clock, new_id))


def _check_language(language: str, error: type[SynonymsInvalid] | type[PinsInvalid]) -> None:
    try:
        check_language(language)
    except SearchInvalid:
        raise error(f"{language[:40]!r} is not a language tag such as pt-BR", field="language") from None


def _event(language: str, what: str, clock: Clock, new_id: IdSource) -> Event:
    now = clock.now_ms()
    fact = MerchandisingChanged(language=language, what=what)
    return Event(
        id=new_id(),
        source=SOURCE,
        type=fact.TYPE,
        subject=language,
        time=rfc3339(now),
        data=msgspec.to_builtins(fact),
        sequence=now,
    )
