"""What every index of search finds, and in which order. Each test also asks for a nonsense word, which must find nothing."""

from collections.abc import AsyncIterator

import pytest

from renga.domains.search.contract import SearchCursorInvalid, Suggestion
from tests.ports.search_indexes import Lab, document

NONSENSE = "zzyzxqwk"


@pytest.fixture
async def lab(search_lab: Lab) -> AsyncIterator[Lab]:
    yield search_lab
    assert await search_lab.find(NONSENSE) == []
    assert await search_lab.find(f"{NONSENSE} blorptastic") == []


async def test_words_are_found_in_titles_first_then_in_words_then_in_the_rest(lab: Lab) -> None:
    await lab.index.put(
        [
            document("rest", "Prato fundo", body="Combina com a caneca azul."),
            document("words", "Jogo de mesa", words="caneca"),
            document("title", "Caneca azul"),
            document("other", "Vela de cera"),
        ]
    )
    assert await lab.find("caneca") == ["title", "words", "rest"]


async def test_accents_case_and_plurals_do_not_matter_in_either_language(lab: Lab) -> None:
    await lab.index.put(
        [
            document("coffee", "Café em grãos", english="Coffee beans"),
            document("buttons", "Botões de osso", english="Bone buttons"),
            document("knives", "Facas de pão", english="Bread knives"),
        ]
    )
    for text in ("cafe", "CAFÉ", "cafés", "café em grao", "grãos"):
        assert await lab.find(text) == ["coffee"], text
    for text in ("botão", "botao", "botoes", "botões"):
        assert await lab.find(text) == ["buttons"], text
    for text in ("button", "Buttons", "bones"):
        assert await lab.find(text, language="en") == ["buttons"], text


async def test_words_that_say_nothing_are_not_asked_for(lab: Lab) -> None:
    await lab.index.put([document("tea", "Chá verde", english="Green tea"), document("salt", "Sal grosso")])
    assert await lab.find("chá de para o verde") == ["tea"]
    assert await lab.find("the tea of", language="en") == ["tea"]


async def test_a_word_of_the_other_language_is_found_too(lab: Lab) -> None:
    await lab.index.put([document("mug", "Caneca Aurora", english="Aurora mug"), document("vase", "Vaso de barro")])
    assert await lab.find("mug", language="pt-BR") == ["mug"]
    assert await lab.find("caneca", language="en") == ["mug"]


async def test_slips_of_the_hand_are_forgiven_in_words_that_are_long_enough(lab: Lab) -> None:
    await lab.index.put([document("mug", "Caneca Aurora"), document("candle", "Vela Vagar"), document("net", "Rede")])
    for text in ("canecca", "canca", "caneac", "cameca"):
        assert await lab.find(text) == ["mug"], text
    assert await lab.find("vlea") == ["candle"]
    assert await lab.find("rexx") == []


async def test_the_beginning_of_the_last_word_is_enough(lab: Lab) -> None:
    await lab.index.put([document("mug", "Caneca Aurora"), document("pen", "Caneta Rio"), document("net", "Rede")])
    assert set(await lab.find("can")) == {"mug", "pen"}
    assert await lab.find("caneca aur") == ["mug"]
    assert await lab.find("caneca au") == ["mug"]


async def test_a_sku_or_gtin_finds_its_product_first_and_names_the_variant(lab: Lab) -> None:
    await lab.index.put(
        [
            document("mug", "Caneca", sku="can100", gtin="2007000010372"),
            document("guide", "Guia can100", body="can100 can100"),
        ]
    )
    for text in ("CAN-100", "can100"):
        found = await lab.ask(text)
        assert (found.hits[0].product_id, found.hits[0].sku) == ("mug", "MUG"), text
    assert await lab.find("2007000010372") == ["mug"]


async def test_a_brands_name_finds_the_brands_products_first(lab: Lab) -> None:
    await lab.index.put(
        [
            document("case", "Capa para celular Samsung", brand="Outra"),
            document("phone", "Galaxy S10", brand="Samsung"),
        ]
    )
    assert (await lab.find("samsung"))[0] == "phone"


async def test_a_whole_title_comes_before_longer_ones(lab: Lab) -> None:
    await lab.index.put([document("set", "Caneca Aurora com pires e colher"), document("mug", "Caneca Aurora")])
    assert await lab.find("caneca aurora") == ["mug", "set"]


async def test_what_means_the_same_is_found_after_what_was_asked(lab: Lab) -> None:
    await lab.index.put([document("phone", "Smartphone preto"), document("cell", "Celular azul")])
    assert await lab.find("celular", texts=("celular", "smartphone")) == ["cell", "phone"]
    assert await lab.find("celular") == ["cell"]


async def test_popular_products_and_those_in_stock_come_first_among_equals(lab: Lab) -> None:
    await lab.index.put(
        [document("a", "Vela"), document("sold", "Vela", available=False), document("wanted", "Vela", popularity=0.9)]
    )
    assert await lab.find("vela") == ["wanted", "a", "sold"]
    assert (await lab.find())[0] == "wanted"
    await lab.index.set_popularity({"a": 0.95, "nobody": 0.5})
    assert (await lab.find("vela"))[0] == "a"
    await lab.index.put([document("a", "Vela", version=2)])
    assert (await lab.find("vela"))[0] == "a"


async def test_pinned_products_come_first_and_hidden_ones_never(lab: Lab) -> None:
    await lab.index.put([document("a", "Vela"), document("b", "Vela"), document("c", "Vaso")])
    found = await lab.ask("vela", pinned=("c", "b"), hidden=("a",))
    assert ([hit.product_id for hit in found.hits], found.total) == (["c", "b"], 2)
    assert await lab.find("vela", pinned=("gone",)) == await lab.find("vela")
    assert await lab.find("vela", pinned=("c",), channel="app", limit=1) == ["c"]


async def test_only_what_is_sold_in_the_channel_is_found(lab: Lab) -> None:
    await lab.index.put(
        [
            document("everywhere", "Vela"),
            document("app", "Vela", channels=("app",)),
            document("none", "Vela", channels=()),
        ]
    )
    assert await lab.find("vela") == ["everywhere"]
    assert set(await lab.find("vela", channel="app")) == {"everywhere", "app"}


async def test_a_collection_narrows_to_its_products(lab: Lab) -> None:
    await lab.index.put([document("a", "Vela"), document("b", "Vela"), document("c", "Vela")])
    assert set(await lab.find("vela", within=("a", "c"))) == {"a", "c"}
    assert await lab.find("vela", within=()) == []


async def test_hits_are_sorted_as_asked(lab: Lab) -> None:
    await lab.index.put(
        [
            document("b", "Bule", price=300, created_at="2026-01-03T00:00:00.000Z"),
            document("a", "Água", price=100, created_at="2026-01-01T00:00:00.000Z"),
            document("z", "Zinco", created_at="2026-01-02T00:00:00.000Z"),
        ]
    )
    assert await lab.find(sort="price_asc") == ["a", "b", "z"]
    assert await lab.find(sort="price_desc") == ["b", "a", "z"]
    assert await lab.find(sort="newest") == ["b", "z", "a"]
    assert await lab.find(sort="title") == ["a", "b", "z"]


@pytest.mark.parametrize("sort", ["relevance", "price_asc", "price_desc", "newest", "title"])
@pytest.mark.parametrize("text", ["", "vela"])
async def test_pages_show_each_product_once_also_while_others_are_added(lab: Lab, sort: str, text: str) -> None:
    await lab.index.put(
        [document(f"p{n:02}", "Vela", price=n % 3, created_at=f"2026-01-01T00:00:0{n % 5}.000Z") for n in range(11)]
    )
    seen: list[str] = []
    cursor = None
    while True:
        page = await lab.ask(text, sort=sort, limit=4, cursor=cursor)
        seen += [hit.product_id for hit in page.hits]
        assert page.total >= 11
        cursor = page.next
        if cursor is None:
            break
        await lab.index.put([document(f"z{len(seen)}", "Outra coisa", price=10, created_at="2020-01-01T00:00:00.000Z")])
    assert sorted(one for one in seen if one.startswith("p")) == [f"p{n:02}" for n in range(11)]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("sort", ["price_asc", "price_desc"])
async def test_pages_by_price_end_with_what_has_no_price(lab: Lab, sort: str) -> None:
    await lab.index.put([document("p1", "Vela", price=100), *(document(f"z{n}", "Vela") for n in range(3))])
    seen, cursor = [], None
    for _ in range(2):
        page = await lab.ask("vela", sort=sort, limit=2, cursor=cursor)
        seen += [hit.product_id for hit in page.hits]
        cursor = page.next
    assert (seen, cursor) == (["p1", "z0", "z1", "z2"], None)


async def test_further_pages_count_pinned_products_and_do_not_show_them_again(lab: Lab) -> None:
    await lab.index.put([document("a", "Vela"), document("b", "Vela"), document("c", "Vaso")])
    first = await lab.ask("vela", pinned=("c",), limit=2)
    second = await lab.ask("vela", pinned=("c",), limit=2, cursor=first.next)
    assert (first.hits[0].product_id, first.total, second.total) == ("c", 3, 3)
    assert sorted(hit.product_id for hit in (*first.hits, *second.hits)) == ["a", "b", "c"]
    assert second.next is None


async def test_a_cursor_is_only_good_for_its_question(lab: Lab) -> None:
    await lab.index.put([document(f"p{n}", "Vela") for n in range(3)])
    cursor = (await lab.ask("vela", limit=1)).next
    assert cursor is not None
    for named in ({"sort": "newest"}, {"channel": "app"}, {"category": "x"}):
        with pytest.raises(SearchCursorInvalid):
            await lab.ask("vela", limit=1, cursor=cursor, **named)
    for nonsense in ("", "x", "é", "W10", "A" * 5_000):
        with pytest.raises(SearchCursorInvalid):
            await lab.ask("vela", limit=1, cursor=nonsense)


async def test_a_question_for_counts_alone_has_no_hits(lab: Lab) -> None:
    await lab.index.put([document("a", "Vela", brand="Cera"), document("b", "Vela", brand="Cera")])
    found = await lab.ask("vela", limit=0)
    assert (found.hits, found.total, found.next) == ((), 2, None)
    assert dict(next(one.counts for one in found.values if one.facet == "brand")) == {"Cera": 2}


async def test_suggestions_begin_with_what_was_typed(lab: Lab) -> None:
    await lab.index.put(
        [
            document("mug", "Caneca Aurora", brand="Canarinho", image="/mug.svg"),
            document("pen", "Caneta Rio", popularity=0.5),
            document("hidden", "Caneca secreta", channels=()),
            document("vase", "Vaso"),
        ]
    )
    found = await lab.index.suggest("can", language="pt-BR", channel="web", limit=8)
    assert [one.slug for one in found if one.kind == "product"] == ["pen", "mug"]
    assert {one.text for one in found if one.kind == "query"} >= {"caneca", "caneta"}
    assert [one.text for one in found if one.kind == "brand"] == ["Canarinho"]
    assert Suggestion(kind="product", text="Caneca Aurora", slug="mug", image="/mug.svg") in found
    assert len(await lab.index.suggest("can", language="pt-BR", channel="web", limit=2)) == 2
    assert await lab.index.suggest(NONSENSE, language="pt-BR", channel="web", limit=8) == ()


async def test_a_text_is_corrected_to_words_that_are_there(lab: Lab) -> None:
    await lab.index.put([document("mug", "Caneca Aurora"), document("ceramics", "Cerâmica azul")])
    assert await lab.index.correct("canecca aurora", language="pt-BR") == "caneca aurora"
    assert await lab.index.correct("ceramjca", language="pt-BR") == "cerâmica"
    assert await lab.index.correct("caneca", language="pt-BR") is None
    assert await lab.index.correct(NONSENSE, language="pt-BR") is None


@pytest.mark.parametrize(
    "text", ["'", "a & b | !c", "\\", "%_", "caneca:*", "<->", "ca'neca", "()", "\u2019", "🍵", "a" * 200]
)
async def test_signs_of_any_query_language_are_words_like_others_or_nothing(lab: Lab, text: str) -> None:
    await lab.index.put([document("mug", "Caneca Aurora")])
    assert await lab.find(text) in ([], ["mug"])
    await lab.index.suggest(text, language="pt-BR", channel="web", limit=5)
    await lab.index.correct(text, language="pt-BR")
