"""Contract of every product store: what was written is read back exactly, by every key."""

from typing import Any

from renga.domains.catalog.contract import (
    BundlePart,
    ListPrice,
    Measure,
    Media,
    Offer,
    PricePoint,
    Product,
    Publication,
    ScheduledPrice,
    Seo,
    Variant,
)
from renga.domains.catalog.ports import ImportMark, Listed
from tests.ports.product_stores import MOMENT, Lab, following

LATER = "2026-12-01T00:00:00.000Z"

#: Names and values as they come from the world: dots, dollars, accents, numbers of every kind and size.
ATTRIBUTES: dict[str, Any] = {
    "a.b": 1,
    "$x": 1.0,
    "": "empty name",
    "Kapazität (max.)": 2**53,
    "below": -(2**53),
    "tiny": 1e-7,
    "whole": 6.0,
    "yes": True,
    "no": False,
    "zero": 0,
    "texts": {"pt-BR": "Açaí", "en": "Berry"},
    "codes": ["a.b", "$c", ""],
    "emoji": "🛒\u2028\\",
}


def full(shop: Lab) -> Product:
    """A product with everything that the contract knows."""
    plain = shop.product("everything")
    fields: dict[str, Any] = {
        "description": {"pt-BR": "Linha um\nlinha 'dois' \"três\""},
        "brand": "Forno & Cia.",
        "categories": ("mesa", "cups"),
        "image": "/a.jpg",
        "attributes": ATTRIBUTES,
        "merchant": "m-1",
        "status": "active",
        "media": (Media(url="/a.jpg", alt={"en": "A mug"}, width=3, height=4), Media(url="/b.mp4", kind="video")),
        "seo": Seo(title={"en": "Mug"}, description={"en": "Good"}),
        "tax_category": "goods",
        "tax_code": "0901.21.00",
        "shipping_class": "fragile",
        "publications": (Publication(channel="app", from_at=MOMENT, until_at=LATER), Publication(channel="web")),
        "channels": ("app", "web"),
        "scheduled": (ScheduledPrice(sku="E-1", currency="BRL", amount=None, at=LATER),),
        "history": (PricePoint(sku="E-1", currency="BRL", amount=10**12, at=MOMENT),),
        "due_at": LATER,
        "variants": (
            Variant(
                sku="E-1",
                options={"size.eu": {"en": "S"}, "$colour": {"pt-BR": "Azul", "en": "Blue"}},
                gtin="96385074",
                prices={"BRL": 10**12, "JPY": 0},
                image="/e1.jpg",
                compare_at={"BRL": 10**12 + 1},
                price_list=(ListPrice(currency="BRL", amount=5, channel="app", group="gold", min_quantity=3),),
                weight_g=250,
                availability="preorder",
                bundle=(BundlePart(sku="X", quantity=2), BundlePart(sku="Y")),
                digital=True,
                measure=Measure(amount=0.125, unit="l"),
                cost={"BRL": 10**12 - 1, "JPY": 7},
            ),
            Variant(sku="E 2/ü.$"),
        ),
    }
    return Product(
        id=plain.id, slug=plain.slug, version=1, title=plain.title, created_at=MOMENT, updated_at=MOMENT, **fields
    )


async def test_every_field_comes_back_exactly_as_it_was_written(shop: Lab) -> None:
    product = full(shop)
    await shop.write(product)
    found = (await shop.products.by_slug(["everything"]))["everything"]
    assert found == product
    kinds = {name: type(value) for name, value in ATTRIBUTES.items()}
    assert {name: type(value) for name, value in found.attributes.items()} == kinds
    assert type(found.variants[0].prices["BRL"]) is int
    assert type(found.version) is int
    changed = following(product, attributes={"a.b": 2}, due_at=None, variants=(), brand=None, channels=())
    await shop.write(changed)
    assert await shop.products.by_slug(["everything"]) == {"everything": changed}


async def test_products_are_found_by_slug_id_and_sku(shop: Lab) -> None:
    mug, lamp = shop.product("mug", "M-1", "M-2"), shop.product("lamp", status="draft", channels=())
    await shop.write(mug, lamp)
    assert await shop.products.by_slug(["lamp", "mug", "no-such", "mug"]) == {"mug": mug, "lamp": lamp}
    assert await shop.products.by_id([lamp.id, shop.new_id(), "no id", ""]) == {lamp.id: lamp}
    assert await shop.products.by_id([mug.id.upper()]) == {mug.id.upper(): mug}
    assert await shop.products.by_sku(["M-2", "LAMP", "m-1"]) == {"M-2": mug, "LAMP": lamp}
    assert await shop.products.owners(["M-1", "M-2", "LAMP", "X"]) == {"M-1": "mug", "M-2": "mug", "LAMP": "lamp"}
    for asked in (shop.products.by_slug, shop.products.by_id, shop.products.by_sku, shop.products.owners):
        assert await asked([]) == {}


async def test_offers_say_what_a_cart_needs_of_what_is_sold(shop: Lab) -> None:
    mug = full(shop)
    hidden = shop.product("hidden", status="draft", channels=())
    await shop.write(mug, hidden)
    offers = await shop.products.offers(["E-1", "E 2/ü.$", "HIDDEN", "X"])
    common: dict[str, Any] = {
        "slug": "everything",
        "title": {"en": "everything"},
        "product_version": 1,
        "product_id": mug.id,
        "brand": "Forno & Cia.",
        "categories": ("mesa", "cups"),
        "publications": mug.publications,
        "channels": ("app", "web"),
        "merchant": "m-1",
        "tax_category": "goods",
        "tax_code": "0901.21.00",
        "shipping_class": "fragile",
    }
    assert offers == {
        "E-1": Offer(
            sku="E-1",
            options=mug.variants[0].options,
            prices={"BRL": 10**12, "JPY": 0},
            image="/e1.jpg",
            weight_g=250,
            digital=True,
            plain_prices={"BRL": 10**12, "JPY": 0},
            price_list=(ListPrice(currency="BRL", amount=5, channel="app", group="gold", min_quantity=3),),
            compare_at={"BRL": 10**12 + 1},
            availability="preorder",
            bundle=(BundlePart(sku="X", quantity=2), BundlePart(sku="Y")),
            measure=Measure(amount=0.125, unit="l"),
            cost={"BRL": 10**12 - 1, "JPY": 7},
            **common,
        ),
        "E 2/ü.$": Offer(sku="E 2/ü.$", prices={}, image="/a.jpg", **common),
    }
    assert await shop.products.offers([]) == {}


async def test_an_offer_follows_its_product(shop: Lab) -> None:
    mug = shop.product("mug", "M-1", "M-2")
    await shop.write(mug)
    dearer = following(mug, variants=(Variant(sku="M-1", prices={"BRL": 2_000}),))
    await shop.write(dearer)
    offers = await shop.products.offers(["M-1", "M-2"])
    assert {sku: (o.prices, o.product_version) for sku, o in offers.items()} == {"M-1": ({"BRL": 2_000}, 2)}
    await shop.write(following(dearer, status="archived", channels=()))
    assert await shop.products.offers(["M-1"]) == {}
    assert await shop.products.owners(["M-1", "M-2"]) == {"M-1": "mug"}


async def test_a_product_without_variants_is_as_good_as_any(shop: Lab) -> None:
    bare = [shop.product(slug, variants=()) for slug in ("one", "two")]
    await shop.write(*bare)
    assert await shop.products.by_slug(["one", "two"]) == {"one": bare[0], "two": bare[1]}
    await shop.write(following(bare[0], variants=(Variant(sku="NEW"),)))
    assert await shop.products.owners(["NEW"]) == {"NEW": "one"}


async def test_a_scan_sees_every_product_once_oldest_first(shop: Lab) -> None:
    states = {"draft": (), "active": ("*",), "archived": ()}
    made = [shop.product(status, status=status, channels=channels) for status, channels in states.items()]
    await shop.write(*made)
    first = await shop.products.scan(after=0, limit=2)
    rest = await shop.products.scan(after=first[-1].position, limit=2)
    assert [entry.product for entry in (*first, *rest)] == made
    assert await shop.products.scan(after=rest[-1].position, limit=2) == []
    positions = [entry.position for entry in (*first, *rest)]
    assert positions == sorted(set(positions))
    assert positions[0] > 0
    await shop.write(following(made[0]))
    assert (await shop.products.scan(after=0, limit=1))[0] == Listed(positions[0], following(made[0]))


async def test_what_is_due_comes_earliest_first(shop: Lab) -> None:
    dates = {"late": "2026-12-03T00:00:00.000Z", "soon": "2026-12-01T00:00:00.000Z", "next": "2026-12-02T00:00:00.000Z"}
    made = {slug: shop.product(slug, due_at=due_at) for slug, due_at in dates.items()}
    await shop.write(*made.values(), shop.product("never"))
    assert await shop.products.due("2026-11-30T00:00:00.000Z", 10) == []
    assert await shop.products.due(dates["next"], 10) == [made["soon"], made["next"]]
    assert await shop.products.due("2027-01-01T00:00:00.000Z", 2) == [made["soon"], made["next"]]
    await shop.write(following(made["soon"], due_at=None))
    assert await shop.products.due(dates["next"], 10) == [made["next"]]


async def test_an_import_keeps_one_mark(shop: Lab) -> None:
    assert await shop.products.import_mark() is None
    await shop.products.write([], ImportMark(fingerprint="a", line=10, at_ms=2**40))
    await shop.products.write([shop.change(shop.product("mug"))], ImportMark(fingerprint="b", line=20, at_ms=2**40 + 1))
    assert await shop.products.import_mark() == ImportMark(fingerprint="b", line=20, at_ms=2**40 + 1)
    await shop.products.clear_import_mark()
    await shop.products.clear_import_mark()
    assert await shop.products.import_mark() is None
    assert list(await shop.products.by_slug(["mug"])) == ["mug"]


async def test_a_large_batch_is_written_whole(shop: Lab) -> None:
    count = 1_500
    made = [shop.product(f"p{n}") for n in range(count)]
    await shop.write(*made)
    found = await shop.products.scan(after=0, limit=count + 1)
    assert [entry.product.slug for entry in found] == [f"p{n}" for n in range(count)]
    assert [subject for _, subject, _ in await shop.events()] == [product.id for product in made]
    await shop.write(*(following(product) for product in made))
    assert {entry.product.version for entry in await shop.products.scan(after=0, limit=count)} == {2}
