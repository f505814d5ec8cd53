"""Hundreds of hostile rows in one stream: every member of a row with every kind of wrong value, each with its clear error."""

from typing import Any

import asyncpg

from renga.domains.catalog.local import CatalogService
from tests.catalog.selling import POTTER, Shop, ndjson
from tests.catalog.shop import events_of, row, slugs_of
from tests.catalog.test_bulk import send

VALUES: dict[str, Any] = {
    "a number": 7,
    "a fraction": 1.5,
    "a truth": True,
    "below nothing": -1,
    "beyond 64 bits": 2**70,
    "a list of a number": [7],
    "a list of null": [None],
    "a list of a long text": ["x" * 300],
    "a nest": {"a": {"b": {"c": 1}}},
    "a number in a language": {"pt-BR": 5},
    "a text in no language": {"xx_bad": "x"},
    "an empty text": "",
    "a blank": " ",
    "an empty list": [],
    "an empty object": {},
    "30,000 letters": "x" * 30_000,
    "a NUL byte": "a\0b",
    "a script that turns": "\u202e<script>alert(1)</script>",
    "a path": "../../etc/passwd",
    "a day that never was": "2026-02-30",
    "a query": "' OR 1=1 --",
}
PRODUCT = (
    "slug", "title", "description", "brand", "language", "categories", "variants", "attributes", "options", "image", "media",
    "seo", "tax_category", "status", "merchant", "type", "shipping_class", "collections", "bundle", "nosuch",
    "tax_code",
)  # fmt: skip
VARIANT = (
    "sku",
    "gtin",
    "prices",
    "options",
    "image",
    "compare_at",
    "weight_g",
    "price_list",
    "nosuch",
    "measure",
    "cost",
)
TEXTS = {"a script that turns", "a path", "a day that never was", "a query"}
NOTHING = {"an empty text", "a blank"}
#: What is not wrong: a text may say anything, and nothing said is nothing said.
FINE: dict[str, set[str]] = {
    "slug": NOTHING | {"a day that never was"},
    "title": TEXTS,
    "description": TEXTS | NOTHING | {"an empty object"},
    "brand": TEXTS | NOTHING,
    "categories": {"an empty list"},
    "attributes": {"an empty object", "a number in a language", "a text in no language"},
    "image": NOTHING | {"a path", "a day that never was"},
    "media": {"an empty list"},
    "seo": {"an empty object"},
    "tax_category": NOTHING | {"a day that never was"},
    "shipping_class": NOTHING | {"a day that never was"},
    "tax_code": NOTHING,
    "merchant": NOTHING,
    "type": NOTHING,
    "variants[0].sku": TEXTS | {"a number", "below nothing"},
    "variants[0].gtin": NOTHING,
    "variants[0].weight_g": {"a number"},
    "variants[0].prices": {"an empty object"},
    "variants[0].options": {"an empty object", "a text in no language"},
    "variants[0].image": NOTHING | {"a path", "a day that never was"},
    "variants[0].compare_at": {"an empty object"},
    "variants[0].cost": {"an empty object"},
    "variants[0].price_list": {"an empty list"},
}


def hostile() -> list[tuple[str, str, dict[str, Any]]]:
    """(member, kind of value, row): rows are good but for that member."""
    made: list[tuple[str, str, dict[str, Any]]] = []
    for member in (*PRODUCT, *(f"variants[0].{name}" for name in VARIANT)):
        for kind, value in VALUES.items():
            if kind in FINE.get(member, ()):
                continue
            wrong = row(f"hostile-{len(made)}")
            if member.startswith("variants[0]."):
                wrong["variants"][0][member.removeprefix("variants[0].")] = value
            else:
                wrong[member] = value
            made.append((member, kind, wrong))
    return made


async def test_each_of_hundreds_is_told_what_is_wrong_and_nothing_of_it_is_kept(
    shop: Shop, catalog: CatalogService, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    cases = hostile()
    assert len(cases) >= 500
    good = [row(f"good-{n}") for n in range(0, len(cases), 50)]
    stream: list[dict[str, Any]] = []
    for number, (_, _, wrong) in enumerate(cases):
        if number % 50 == 0:
            stream.append(good[number // 50])
        stream.append(wrong)
    lines = await send(shop, POTTER, ndjson(*stream))
    *outcomes, total = lines
    taken = [line["slug"] for line in outcomes if line["status"] != "failed"]
    assert taken == [one["slug"] for one in good], [
        (member, kind) for member, kind, wrong in cases if wrong["slug"] in taken
    ]
    assert total == {"rows": len(stream), "created": len(good), "changed": 0, "unchanged": 0, "failed": len(cases)}
    failed = [line for line in outcomes if line["status"] == "failed"]
    unclear = [
        (member, kind, line)
        for (member, kind, _), line in zip(cases, failed, strict=True)
        if line["code"] not in ("product_invalid", "product_slug_taken", "merchant_not_yours")
        or not any(_names(one, member) and one["reason"] for one in line["problems"])
    ]
    assert unclear == []
    slugs = [one["slug"] for one in good]
    assert await slugs_of(pool) == slugs
    assert {event.data["slug"] for event in await events_of(pool) if "slug" in event.data} <= set(slugs)
    assert (await catalog.categories(), await catalog.collections()) == ((), ())


def _names(problem: dict[str, str], member: str) -> bool:
    """Whether a problem is that of the member: at it, within it, or that there is no such member."""
    field, own = problem["field"], member.removeprefix("variants[0].")
    within = field == member or field.startswith((f"{member}.", f"{member}["))
    return within or (field == "variants[0]" and f"{own!r} is not a field" in problem["reason"])
