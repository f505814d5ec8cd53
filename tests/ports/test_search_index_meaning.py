"""Words in context, in every index: negations, numbers, filler words, synonyms, other languages."""

from tests.ports.search_indexes import Lab, document


async def test_a_slip_is_mended_though_its_stem_is_one_of_the_other_language(search_lab: Lab) -> None:
    # the Portuguese stem of calender is that of calendar, which nobody wrote in Portuguese
    await search_lab.index.put([document("a", "Agenda", english="Calendar")])
    assert await search_lab.find("calender", language="en") == ["a"]


async def test_a_word_that_turns_the_meaning_round_is_asked_for(search_lab: Lab) -> None:
    await search_lab.index.put(
        [
            document("with", "Café com cafeína", english="Coffee with caffeine"),
            document("without", "Café sem cafeína", english="Coffee without caffeine"),
        ]
    )
    assert await search_lab.find("café sem cafeína") == ["without"]
    assert await search_lab.find("coffee without caffeine", language="en") == ["without"]
    assert sorted(await search_lab.find("café com cafeína")) == ["with", "without"]  # "com" says nothing


async def test_a_number_alone_does_not_answer_for_words_that_nobody_knows(search_lab: Lab) -> None:
    await search_lab.index.put([document("a", "Caneca 3000"), document("b", "Vaso 15")])
    assert await search_lab.find("florbnax 3000") == []
    assert await search_lab.find("3000") == ["a"]
    assert await search_lab.find("caneca 15") == ["a"]


async def test_words_that_only_stand_in_passing_do_not_hide_what_is_called_so(search_lab: Lab) -> None:
    await search_lab.index.put(
        [
            document("passing", "Livro sanfona", body="Para guardar fotos, escrever ou colar cartas antigas."),
            document("paper", "Papel para cartas"),
            document("pen", "Caneta para escrever"),
        ]
    )
    assert set(await search_lab.find("escrever cartas")) == {"passing", "paper", "pen"}
    await search_lab.index.put([document("both", "Conjunto para escrever cartas")])
    assert set(await search_lab.find("escrever cartas")) == {"passing", "both"}


async def test_pages_of_what_was_found_loosely_follow_each_other(search_lab: Lab) -> None:
    await search_lab.index.put(
        [document("passing", "Livro", body="escrever cartas"), *(document(f"p{n}", f"Carta {n}") for n in range(6))]
    )
    seen: list[str] = []
    cursor = None
    while True:
        found = await search_lab.ask("escrever cartas", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [hit.product_id for hit in found.hits]
        if (cursor := found.next) is None:
            break
    assert sorted(seen) == ["p0", "p1", "p2", "p3", "p4", "p5", "passing"]


async def test_other_words_for_the_same_are_found_beside_words_that_nobody_knows(search_lab: Lab) -> None:
    await search_lab.index.put([document("a", "Planta em vaso"), document("b", "Caneca")])
    texts = ("folhagem florbnax", "planta florbnax")
    assert await search_lab.find(texts[0], texts=texts) == ["a"]


async def test_one_of_three_words_is_enough(search_lab: Lab) -> None:
    await search_lab.index.put([document(one, one.title()) for one in ("guardanapo", "bandeja", "toalha")])
    assert set(await search_lab.find("guardanapo bandeja toalha")) == {"guardanapo", "bandeja", "toalha"}


async def test_words_of_another_language_are_found_together_and_some_of_them(search_lab: Lab) -> None:
    await search_lab.index.put([document("a", "Caneca", english="Coffee mug"), document("b", "Manta", english="Throw")])
    assert await search_lab.find("coffee mug", language="pt-BR") == ["a"]
    assert "b" in await search_lab.find("throw lantern", language="pt-BR")
