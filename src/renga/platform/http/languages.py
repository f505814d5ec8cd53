"""Which of the shop's languages a client wants, from Accept-Language (RFC 9110 §12.5.4)."""

from functools import lru_cache

#: Languages that screens and demo texts have; the first is the default.
LANGUAGES = ("pt-BR", "en")


@lru_cache(maxsize=1024)
def best_language(header: bytes) -> str:
    """The best of LANGUAGES for the header; the default when none fits or the header makes no sense."""
    wishes: list[tuple[float, int, str]] = []
    for order, part in enumerate(header.decode("latin-1").split(",")[:32]):
        tag, _, parameters = part.strip().partition(";")
        weight = 1.0
        if parameters.strip().startswith("q="):
            try:
                weight = float(parameters.strip()[2:])
            except ValueError:
                weight = 0.0
        if weight > 0:
            wishes.append((-weight, order, tag.strip().lower()))
    for _, _, tag in sorted(wishes):
        for language in LANGUAGES:
            if tag == language.lower() or tag.partition("-")[0] == language.partition("-")[0].lower():
                return language
    return LANGUAGES[0]
