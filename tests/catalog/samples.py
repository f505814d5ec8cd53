"""A catalogue of two products: one with options, sold in two currencies; one plain, sold in one."""

from renga.domains.catalog.contract import Category, Product, Variant

MOMENT = "2026-11-22T16:00:00Z"

CUP = Product(
    id="p-cup",
    slug="cup",
    version=1,
    title={"pt-BR": "Caneca <Aurora>", "en": "Aurora <Mug>"},
    description={"pt-BR": "Feita à mão.\nPara o café.", "en": "Made by hand.\nFor coffee."},
    brand="Forno Baixo",
    categories=("table",),
    image="/media/demo/caneca-aurora.svg",
    variants=(
        Variant(
            sku="CUP-BLUE",
            options={"colour": {"pt-BR": "Azul", "en": "Blue"}, "size": {"pt-BR": "Pequena", "en": "Small"}},
            gtin="2007000010372",
            prices={"BRL": 8900, "USD": 1790},
            image="/media/demo/caneca-aurora.svg",
        ),
        Variant(
            sku="CUP-CLAY",
            options={"colour": {"pt-BR": "Barro", "en": "Clay"}, "size": {"pt-BR": "Pequena", "en": "Small"}},
            prices={"BRL": 9900, "USD": 1990},
            image="/media/demo/caneca-aurora-terra.svg",
        ),
        Variant(
            sku="CUP-CLAY-L",
            options={"colour": {"pt-BR": "Barro", "en": "Clay"}, "size": {"pt-BR": "Grande", "en": "Large"}},
            prices={"BRL": 123456, "USD": 24690},
            image="/media/demo/caneca-aurora-terra.svg",
        ),
    ),
    attributes={"dishwasher_safe": True, "weight_kg": 0.4},
    created_at=MOMENT,
    updated_at=MOMENT,
)
LAMP = Product(
    id="p-lamp",
    slug="lamp",
    version=1,
    title={"pt-BR": "Luminária Seixo", "en": "Pebble Lamp"},
    categories=("light",),
    image="/media/demo/luminaria-seixo.svg",
    variants=(Variant(sku="LAMP", prices={"BRL": 45000}),),
    created_at=MOMENT,
    updated_at=MOMENT,
)
CATEGORIES = (
    Category(
        slug="table",
        title={"pt-BR": "Mesa", "en": "Table"},
        description={"pt-BR": "Louça de ateliê.", "en": "Studio stoneware."},
        position=1,
        image="/media/demo/categoria-mesa-e-ceramica.svg",
    ),
    Category(slug="light", title={"pt-BR": "Luz", "en": "Light"}, position=2),
    Category(slug="cups", title={"pt-BR": "Canecas", "en": "Cups"}, position=3, parent="table"),
)
