"""An existing shop keeps its products when the wider catalogue comes."""

import shutil
from itertools import count
from pathlib import Path

import msgspec

from renga.apps.modules import DECLARED
from renga.domains.catalog.contract import BundlePart, Category, ListPrice, Offer, Product, Publication, Variant
from renga.domains.catalog.model import offers_of
from renga.domains.catalog.opening import catalog_on_postgres
from renga.kernel.clock import ManualClock
from renga.kernel.ids import uuid7
from renga.platform.postgres.migrations import Migrations, upgrade
from renga.platform.postgres.pool import open_pool
from tests.catalog.callers import MANAGER, seller

(MIGRATIONS,) = [one for one in DECLARED.migrations if one.schema == "catalog"]

MOMENT = "2023-11-01T16:00:00.000Z"
MUG = Product(
    id="0190a000-0000-7000-8000-000000000001",
    slug="mug",
    version=3,
    title={"en": "Mug"},
    categories=("cups",),
    variants=(Variant(sku="MUG", prices={"BRL": 5990}),),
    created_at=MOMENT,
    updated_at=MOMENT,
)
OFFER = Offer(sku="MUG", slug="mug", title={"en": "Mug"}, prices={"BRL": 5990}, image=None, product_version=3)


#: A product with all that an offer has since 0003.
RICH = msgspec.structs.replace(
    MUG,
    brand="Forno",
    publications=(Publication(channel="app", until_at="2030-01-01T00:00:00.000Z"),),
    channels=("app",),
    variants=(
        Variant(
            sku="MUG",
            prices={"BRL": 5990},
            compare_at={"BRL": 7990},
            price_list=(ListPrice(currency="BRL", amount=4990, group="trade", min_quantity=10),),
            availability="preorder",
            bundle=(BundlePart(sku="CUP", quantity=2), BundlePart(sku="LID")),
        ),
        Variant(sku="PLAIN", prices={"USD": 0}),
    ),
)


def only(tmp_path: Path, *names: str) -> Migrations:
    """These migrations of the catalogue."""
    folder = tmp_path / "catalog" / "stores" / "migrations" / "versions"
    folder.mkdir(parents=True)
    for name in names:
        shutil.copy(MIGRATIONS.folder / name, folder)
    return Migrations("catalog", folder)


async def test_offers_of_an_older_release_get_prices_with_conditions_and_channels(
    empty_database_url: str, tmp_path: Path
) -> None:
    await upgrade(empty_database_url, [only(tmp_path, "0001_products.py", "0002_whole_catalogue.py")])
    pool = await open_pool(empty_database_url)
    try:
        position = await pool.fetchval(
            "INSERT INTO catalog.products (id, slug, version, document) VALUES ($1, $2, 3, $3::text::jsonb) "
            "RETURNING position",
            RICH.id,
            RICH.slug,
            msgspec.json.encode(RICH).decode(),
        )
        for sku, prices in (("MUG", {"BRL": 5990}), ("PLAIN", {"USD": 0})):
            old = Offer(sku=sku, slug="mug", title={"en": "Mug"}, prices=prices, image=None, product_version=3)
            offer = msgspec.json.encode(old).decode()
            await pool.execute("INSERT INTO catalog.variants VALUES ($1, $2, $3::text::jsonb)", sku, position, offer)
        await pool.execute("INSERT INTO catalog.variants VALUES ('OFF', $1, NULL)", position)
        await upgrade(empty_database_url, [MIGRATIONS])
        catalog = catalog_on_postgres(pool, ManualClock(), lambda: uuid7(0, 1))
        assert await catalog.offers(["MUG", "PLAIN", "OFF"]) == {offer.sku: offer for offer in offers_of(RICH)}
    finally:
        await pool.close()


async def test_what_an_older_release_wrote_is_listed_offered_and_changed(
    empty_database_url: str, tmp_path: Path
) -> None:
    await upgrade(empty_database_url, [only(tmp_path, "0001_products.py")])
    pool = await open_pool(empty_database_url)
    try:
        for slug, parent in (("table", None), ("cups", "table")):
            document = msgspec.json.encode(Category(slug=slug, title={"en": slug}, parent=parent)).decode()
            await pool.execute(
                "INSERT INTO catalog.categories (slug, parent, position, document) VALUES ($1, $2, 0, $3::text::jsonb)",
                slug,
                parent,
                document,
            )
        position = await pool.fetchval(
            "INSERT INTO catalog.products (id, slug, version, document) VALUES ($1, $2, 3, $3::text::jsonb) "
            "RETURNING position",
            MUG.id,
            MUG.slug,
            msgspec.json.encode(MUG).decode(),
        )
        offer = msgspec.json.encode(OFFER).decode()
        await pool.execute("INSERT INTO catalog.variants VALUES ('MUG', $1, $2::text::jsonb)", position, offer)
        await pool.execute("INSERT INTO catalog.placements VALUES ('cups', $1)", position)
        await upgrade(empty_database_url, [MIGRATIONS])

        numbers, clock = count(1), ManualClock()
        catalog = catalog_on_postgres(pool, clock, lambda: uuid7(clock.now_ms(), next(numbers)))
        assert (await catalog.products()).items == (MUG,)
        assert (await catalog.products(category="table", channel="app")).items == (MUG,)
        known = {"product_id": MUG.id, "categories": ("cups",)}
        assert await catalog.offers(["MUG"]) == {"MUG": msgspec.structs.replace(OFFER, **known)}
        assert (await catalog.own_products(seller(frozenset({"house"})))).items == (MUG,)
        assert (await catalog.put_category(MANAGER, "cups", {"title": {"en": "Cups"}}, expected_version=0)).version == 1
        assert (await catalog.set_price(MANAGER, "MUG", "BRL", 4990, expected_version=3)).version == 4
        assert (await catalog.products(category="cups")).items[0].history[0].at == MOMENT
    finally:
        await pool.close()
