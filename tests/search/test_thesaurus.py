"""The built-in synonyms: the lists are consistent, and queries use them."""

import pytest

from renga.domains.search.asking import variants
from renga.domains.search.contract import Synonyms
from renga.domains.search.limits import SYNONYM_WORDS_MAX
from renga.domains.search.model.folding import words_of
from renga.domains.search.thesaurus import common


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_a_list_is_as_a_merchandisers_must_be(language: str) -> None:
    rulings = common(language)
    assert len(rulings) > 50
    for one in rulings:
        assert len(one.words) >= (1 if one.to else 2), one
        assert len((*one.words, *one.to)) <= SYNONYM_WORDS_MAX
        assert all(words_of(word) for word in (*one.words, *one.to)), one
        assert len({word.lower() for word in (*one.words, *one.to)}) == len((*one.words, *one.to)), one


def test_a_language_without_a_list_has_none() -> None:
    assert common("fr") == ()


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("blankets", "en", "throw"),
        ("laptop 15 inch", "en", "notebook 15 inch"),
        ("throw pillow", "en", "cushion"),
        ("cobertores de lã", "pt-BR", "cobertores de lã"),
        ("um cobertor", "pt-BR", "um manta"),
    ],
)
def test_a_question_is_said_in_other_words(text: str, language: str, said: str) -> None:
    assert said in variants(text, common(language), language)


def test_what_a_merchandiser_ruled_comes_first() -> None:
    own = (Synonyms(words=("blanket",), to=("rug",)),)
    assert variants("blanket", (*own, *common("en")), "en")[1] == "rug"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("canequinha azul", "caneca azul"),
        ("vasinhos", "vasos"),
        ("cafezinho", "cafe"),
        ("florzinhas", "flors"),
        ("foguinho", "fogo"),
        ("lembrancinha", "lembranca"),
    ],
)
def test_what_is_made_small_is_asked_for_as_it_is_too(text: str, said: str) -> None:
    assert variants(text, (), "pt-BR") == (text, said)
    assert variants(text, (), "en") == (text,)


@pytest.mark.parametrize("text", ["vinho", "linha", "ninho", "caneca", "rainha"])
def test_short_words_that_only_end_so_stay(text: str) -> None:
    assert variants(text, (), "pt-BR") == (text,)


def test_what_is_made_small_leads_to_other_words_too() -> None:
    assert "manta" in variants("cobertorzinho", common("pt-BR"), "pt-BR")
