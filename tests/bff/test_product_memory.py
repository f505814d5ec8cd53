"""JSON of products that a plan remembers: never of other terms, another time, or an earlier state of anything."""

from typing import Any

import msgspec
import pytest

from renga.domains.catalog.contract import WHOLE_CATALOGUE, ListPrice, Product, Variant
from renga.frontends.bff.graphql.context import Context, GraphContracts
from renga.frontends.bff.graphql.documents import ParsedQuery
from renga.frontends.bff.graphql.executing import Executor, PlanExecutor, answer, executor, guard
from renga.frontends.bff.graphql.product_memory import OVERHEAD_BYTES, ProductMemory, is_timeless
from renga.frontends.bff.graphql.schema import core_schema
from renga.frontends.bff.graphql.settings import GraphQLSettings
from renga.kernel.clock import ManualClock, rfc3339
from renga.platform.auth.principal import Principal
from tests.bff.search import MemorySearch
from tests.catalog.fake import FakeCatalog
from tests.catalog.samples import CUP, LAMP
from tests.web.fakes import FakeCarts


class MemoryLab:
    """A catalogue, and one executor that remembers, asked again and again."""

    def __init__(self, *products: Product) -> None:
        self.catalog = FakeCatalog(products or (CUP, LAMP))
        self.clock = ManualClock()
        carts = FakeCarts(self.catalog, self.clock)
        self.contracts = GraphContracts(
            catalog=self.catalog, search=MemorySearch(self.catalog), carts=carts, clock=self.clock
        )
        self.schema = core_schema()
        guard(self.schema)
        self.by: Executor = executor(self.schema, compiled_plans=True)
        self._parsed: dict[str, ParsedQuery] = {}

    async def ask(
        self,
        query: str,
        accepted: str = "en",
        *,
        groups: tuple[str, ...] = (),
        principal: Principal | None = None,
        **variables: Any,
    ) -> Any:
        """The answer's data of a caller with these groups, the same as graphql-core's."""
        parsed = self._parsed.setdefault(query, ParsedQuery(self.schema, query, GraphQLSettings()))
        operation = parsed.operation(None)
        planned, interpreted = [
            await answer(
                by,
                operation,
                variables,
                Context(self.contracts, accept_language=accepted, principal=principal, groups=groups),
            )
            for by in (self.by, executor(self.schema, compiled_plans=False))
        ]
        assert planned == interpreted
        return msgspec.json.decode(planned.body)["data"]

    @property
    def remembered(self) -> int:
        assert isinstance(self.by, PlanExecutor)
        return len(self.by.memory)

    def replace(self, product: Product, **changed: Any) -> None:
        self.catalog.by_slug[product.slug] = msgspec.structs.replace(product, **changed)


def sold(*prices: ListPrice) -> Product:
    variant = Variant(sku="MUG", prices={"BRL": 1_000, "USD": 200}, price_list=prices)
    return msgspec.structs.replace(CUP, variants=(variant,))


def amounts(data: Any) -> list[Any]:
    return [one["price"]["amount"] for node in data["products"]["nodes"] for one in node["variants"]]


BY_VARIABLES = """query ($currency: String, $group: String, $channel: String, $quantity: Int! = 1) {
    products(first: 5) { nodes { variants { price(currency: $currency, group: $group, channel: $channel,
    quantity: $quantity) { amount } } } } }"""


async def test_each_group_channel_quantity_and_currency_has_its_own_price() -> None:
    lab = MemoryLab(
        sold(
            ListPrice(currency="BRL", amount=900, group="trade"),
            ListPrice(currency="BRL", amount=800, min_quantity=10),
            ListPrice(currency="BRL", amount=700, channel="app"),
        )
    )
    asked: list[tuple[dict[str, Any], int]] = [
        ({}, 1_000),
        ({"groups": ("trade",)}, 900),
        ({"groups": ("other", "trade"), "group": "other"}, 1_000),
        ({"quantity": 10}, 800),
        ({"channel": "app"}, 700),
        ({"currency": "USD"}, 200),
    ]
    for variables, amount in [*asked, *reversed(asked)]:
        assert amounts(await lab.ask(BY_VARIABLES, **variables)) == [amount], variables
    assert lab.remembered == len(asked)


@pytest.mark.parametrize(
    "query", [BY_VARIABLES, '{ products { nodes { variants { price(group: "trade") { amount } } } } }']
)
async def test_what_a_manager_sees_is_remembered_for_nobody(query: str) -> None:
    lab = MemoryLab(sold(ListPrice(currency="BRL", amount=900, group="trade")))
    manager = Principal(subject="manager", scopes=frozenset({WHOLE_CATALOGUE}))
    variables: dict[str, Any] = {"group": "trade"} if query == BY_VARIABLES else {}
    for _ in range(2):
        assert amounts(await lab.ask(query, principal=manager, **variables)) == [900]
        for groups in ((), ("staff",)):
            answered = await lab.ask(query, groups=groups, **variables)
            assert [one["price"] for node in answered["products"]["nodes"] for one in node["variants"]] == [None]
    assert lab.remembered == 0
    assert amounts(await lab.ask(query, groups=("trade",), **variables)) == [900]


async def test_terms_of_the_root_field_and_languages_are_told_apart() -> None:
    lab = MemoryLab(sold(ListPrice(currency="BRL", amount=700, channel="app")))
    query = """query ($currency: String, $channel: String, $language: String) {
        products(currency: $currency, channel: $channel, language: $language) {
        nodes { title variants { price { amount } } } } }"""
    for _ in range(2):
        assert amounts(await lab.ask(query)) == [1_000]
        assert amounts(await lab.ask(query, currency="USD")) == [200]
        assert amounts(await lab.ask(query, channel="app")) == [700]
        titles = [(await lab.ask(query, language))["products"]["nodes"][0]["title"] for language in ("en", "pt-BR")]
        assert titles == [CUP.title["en"], CUP.title["pt-BR"]]
        by_argument = await lab.ask(query, "en", language="pt-BR")
        assert by_argument["products"]["nodes"][0]["title"] == CUP.title["pt-BR"]


async def test_a_dated_price_begins_and_ends_though_the_product_is_the_same() -> None:
    lab = MemoryLab()
    now = lab.clock.now_ms()
    dated = ListPrice(currency="BRL", amount=500, from_at=rfc3339(now + 1_000), until_at=rfc3339(now + 2_000))
    lab.replace(sold(dated))
    lab.catalog.withdraw(LAMP.slug)
    query = "{ products { nodes { variants { price { amount } } } } }"
    found = []
    for _ in range(3):
        found += amounts(await lab.ask(query)) + amounts(await lab.ask(query))
        lab.clock.advance(ms=1_000)
    assert found == [1_000, 1_000, 500, 500, 1_000, 1_000]
    assert (lab.remembered, is_timeless(sold(dated)), is_timeless(sold())) == (0, False, True)


async def test_a_change_of_the_product_is_in_the_next_answer() -> None:
    lab = MemoryLab()
    query = "{ products { nodes { slug title variants { sku price { amount } } } } }"
    before = await lab.ask(query)
    assert await lab.ask(query) == before
    lab.catalog.reprice(CUP.variants[0].sku, {"BRL": 1})
    lab.replace(LAMP, title={"en": "another"})
    after = await lab.ask(query)
    nodes = {node["slug"]: node for node in after["products"]["nodes"]}
    assert nodes[LAMP.slug]["title"] == "another"
    assert nodes[CUP.slug]["variants"][0]["price"]["amount"] == 1


@pytest.mark.parametrize(
    ("selection", "remembered"),
    [
        (
            "slug brand image(size: 160) availability price { amount decimal } media { url } related { nodes { slug } }",
            2,
        ),
        ("slug variants { options { value } product { title } }", 2),
        ("slug categories { title }", 0),
        ("slug attributes { code value }", 0),
        ("slug variants { bundle { quantity variant { sku } } }", 0),
    ],
)
async def test_only_what_depends_on_the_product_alone_is_remembered(selection: str, remembered: int) -> None:
    lab = MemoryLab()
    for _ in range(2):
        await lab.ask(f"{{ products(first: 2) {{ nodes {{ {selection} }} }} }}")
    assert lab.remembered == remembered


async def test_a_renamed_category_is_in_the_next_answer() -> None:
    lab = MemoryLab()
    query = "{ products { nodes { slug categories { title } } } }"
    before = await lab.ask(query)
    lab.catalog.taxonomy = tuple(msgspec.structs.replace(one, title={"en": "renamed"}) for one in lab.catalog.taxonomy)
    after = await lab.ask(query)
    titles = [category["title"] for node in after["products"]["nodes"] for category in node["categories"]]
    assert before != after
    assert set(titles) == {"renamed"}


def test_the_memory_is_bounded_and_knows_a_product_by_identity() -> None:
    entry = len(b'{"slug":"cup"}') + OVERHEAD_BYTES
    memory = ProductMemory(bytes_max=3 * entry)
    for number in range(10):
        memory.put((number,), CUP, {"slug": "cup"})
    assert memory.bytes == 3 * entry
    assert memory.get((0,), CUP) is None
    assert memory.get((9,), CUP) == msgspec.Raw(b'{"slug":"cup"}')
    assert memory.get((9,), msgspec.structs.replace(CUP)) is None
    memory.put((9,), CUP, {"slug": "cup"})
    assert (len(memory), memory.bytes) == (3, 3 * entry)
