"""Which language a client gets for its Accept-Language."""

import pytest

from renga.kernel.languages import FALLBACKS, WISHES_MAX, nearest_language, shop_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "pt-BR"),
        ("pt-BR", "pt-BR"),
        ("en", "en"),
        ("EN-us", "en"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("de, en;q=0.5", "en"),
        ("de", "pt-BR"),
        ("*", "pt-BR"),
        ("pt;q=0.3, en;q=0.9", "en"),
        ("en;q=0.3, pt;q=0.9", "pt-BR"),
        ("en;q=0.9, pt;q=0.9", "en"),
        ("pt;q=0, en;q=0.1", "en"),
        ("en;q=0", "pt-BR"),
        ("en;q=high, pt", "pt-BR"),
        ("en; q=1.0", "en"),
        (" ,, ;q=1, en", "en"),
        ("english", "pt-BR"),
        ("en_US", "pt-BR"),
        ("en;q=nan, pt;q=0.1", "pt-BR"),
        ("\u00e9\u00e9, en", "en"),
    ],
)
def test_the_best_of_our_languages_is_chosen(header: str, language: str) -> None:
    assert shop_language(header, FALLBACKS) == language


def test_a_header_that_never_ends_is_read_only_at_its_beginning() -> None:
    assert shop_language("de," * (WISHES_MAX - 1) + "en", FALLBACKS) == "en"
    assert shop_language("de," * WISHES_MAX + "en", FALLBACKS) == FALLBACKS[0]


@pytest.mark.parametrize(
    ("tag", "language"), [("es-MX", "es"), ("pt", "pt-BR"), ("PT-pt", "pt-BR"), ("en", "en"), ("de", "es"), ("", "es")]
)
def test_a_tag_is_taken_for_the_nearest_of_the_shops_languages_else_for_its_own(tag: str, language: str) -> None:
    assert nearest_language(tag, ("es", "pt-BR", "en")) == language


def test_the_first_of_a_shops_languages_is_what_nobody_asked_for() -> None:
    assert shop_language("de", ("es", "en")) == "es"
    assert shop_language("de, en;q=0.1", ("es", "en")) == "en"
