"""Facets of every index: counted with all filters except their own, exactly."""

from renga.domains.search.contract import Filter
from tests.ports.search_indexes import Lab, document

MUGS = [
    document(
        "blue", "Caneca azul", brand="Olaria", price=1000,
        values=[("category", "mesa"), ("category", "casa"), ("option.colour", "Azul", "pt"), ("option.colour", "Blue", "en")],
        numbers=[("attribute.volume", 300.0)],
    ),
    document(
        "red", "Caneca vermelha", brand="Olaria", price=2000,
        values=[("category", "mesa"), ("category", "casa"), ("option.colour", "Vermelho", "pt"), ("option.colour", "Red", "en")],
        numbers=[("attribute.volume", 200.0)],
    ),
    document(
        "both", "Caneca bicolor", brand="Forno", price=3000,
        values=[("category", "mesa"), ("category", "casa"), ("option.colour", "Azul", "pt"), ("option.colour", "Vermelho", "pt"),
                ("option.colour", "Blue", "en"), ("option.colour", "Red", "en"), ("attribute.safe", "true")],
        numbers=[("attribute.volume", 400.0)],
    ),
    document("lamp", "Lâmpada", brand="Forno", values=[("category", "luz"), ("category", "casa")]),
]  # fmt: skip


async def test_values_are_counted_among_what_is_found(search_lab: Lab) -> None:
    await search_lab.index.put(MUGS)
    assert await search_lab.values("brand", "caneca") == {"Olaria": 2, "Forno": 1}
    assert await search_lab.values("brand") == {"Olaria": 2, "Forno": 2}
    assert await search_lab.values("category") == {"casa": 4, "mesa": 3, "luz": 1}
    assert await search_lab.values("brand", "zzyzxqwk") == {}


async def test_values_are_those_of_the_readers_language(search_lab: Lab) -> None:
    await search_lab.index.put(MUGS)
    assert await search_lab.values("option.colour", language="pt-BR") == {"Azul": 2, "Vermelho": 2}
    assert await search_lab.values("option.colour", language="en") == {"Blue": 2, "Red": 2}
    assert set(await search_lab.find(filters=(Filter(facet="option.colour", values=("Blue",)),), language="en")) == {
        "blue",
        "both",
    }


async def test_a_chosen_facet_still_shows_its_other_values_and_narrows_the_others(search_lab: Lab) -> None:
    await search_lab.index.put(MUGS)
    olaria = Filter(facet="brand", values=("Olaria",))
    assert await search_lab.values("brand", "caneca", olaria) == {"Olaria": 2, "Forno": 1}
    assert await search_lab.values("option.colour", "caneca", olaria) == {"Azul": 1, "Vermelho": 1}
    blue = Filter(facet="option.colour", values=("Azul",))
    assert await search_lab.values("brand", "caneca", olaria, blue) == {"Olaria": 1, "Forno": 1}
    assert await search_lab.values("option.colour", "caneca", olaria, blue) == {"Azul": 1, "Vermelho": 1}
    assert (await search_lab.ask("caneca", filters=(olaria, blue))).total == 1


async def test_several_values_are_any_of_them_and_several_filters_all(search_lab: Lab) -> None:
    await search_lab.index.put(MUGS)
    assert set(await search_lab.find(filters=(Filter(facet="option.colour", values=("Azul", "Vermelho")),))) == {
        "blue",
        "red",
        "both",
    }
    both = (Filter(facet="brand", values=("Forno",)), Filter(facet="option.colour", values=("Azul",)))
    assert await search_lab.find(filters=both) == ["both"]


async def test_a_category_finds_what_stands_below_it(search_lab: Lab) -> None:
    await search_lab.index.put(MUGS)
    assert set(await search_lab.find(category="casa")) == {"blue", "red", "both", "lamp"}
    assert await search_lab.find(category="luz") == ["lamp"]
    assert await search_lab.find(category="nowhere") == []


async def test_numbers_have_ends_and_a_histogram_and_narrow_inclusively(search_lab: Lab) -> None:
    await search_lab.index.put(MUGS)
    found = await search_lab.ask("caneca")
    span = next(one for one in found.numbers if one.facet == "attribute.volume")
    assert (span.least, span.greatest, span.count) == (200.0, 400.0, 3)
    assert (len(span.parts), sum(count for _, _, count in span.parts)) == (10, 3)
    assert (span.parts[0], span.parts[5], span.parts[-1][2]) == ((200.0, 220.0, 1), (300.0, 320.0, 1), 1)
    volume = Filter(facet="attribute.volume", at_least=200, at_most=300)
    assert set(await search_lab.find(filters=(volume,))) == {"blue", "red"}
    narrowed = await search_lab.ask("caneca", filters=(volume,))
    own = next(one for one in narrowed.numbers if one.facet == "attribute.volume")
    assert (own.least, own.greatest, own.count) == (200.0, 400.0, 3)
    assert await search_lab.values("brand", "caneca", volume) == {"Olaria": 2}


async def test_prices_are_those_of_the_asked_currency(search_lab: Lab) -> None:
    await search_lab.index.put(MUGS)
    found = await search_lab.ask()
    price = next(one for one in found.numbers if one.facet == "price")
    assert (price.least, price.greatest, price.count) == (1000.0, 3000.0, 3)
    assert await search_lab.find(filters=(Filter(facet="price", at_most=1500),)) == ["blue"]
    assert await search_lab.find(filters=(Filter(facet="price", at_least=0),), currency="USD") == []
    assert [one.facet for one in (await search_lab.ask(currency="USD")).numbers if one.facet == "price"] == []


async def test_only_the_facets_that_are_asked_for_are_counted(search_lab: Lab) -> None:
    await search_lab.index.put(MUGS)
    found = await search_lab.ask(facets=("brand", "attribute.volume"))
    assert ([one.facet for one in found.values], [one.facet for one in found.numbers]) == (
        ["brand"],
        ["attribute.volume"],
    )
    none = await search_lab.ask(facets=())
    assert (none.values, none.numbers, none.total) == ((), (), 4)


async def test_a_facets_name_may_have_any_sign(search_lab: Lab) -> None:
    names = ("attribute.W.D+S", "attribute.a|b (c)", "attribute.[x]\\d")
    await search_lab.index.put([document("a", "Vela", values=[(name, "sim") for name in names])])
    found = await search_lab.ask(facets=names)
    assert {one.facet: one.counts for one in found.values} == dict.fromkeys(names, (("sim", 1),))
    for name in names:
        assert await search_lab.values(name, "", Filter(facet=name, values=("sim",))) == {"sim": 1}
    assert await search_lab.values("attribute.W", facets=("attribute.W",)) == {}
