"""A plan answers what graphql-core answers: the same JSON, byte by byte, for queries by hand and by Hypothesis."""

from typing import Any

import msgspec
import pytest
from graphql.execution.values import VariableValues
from hypothesis import HealthCheck, assume, given, settings

from renga.domains.catalog.contract import AttributeType, EnumOption, Media, ProductType, Seo
from renga.frontends.bff.graphql.context import Context, GraphContracts
from renga.frontends.bff.graphql.documents import ParsedQuery
from renga.frontends.bff.graphql.executing import Executed, Interpreter, PlanExecutor, answer, executor, guard
from renga.frontends.bff.graphql.schema import core_schema
from renga.frontends.bff.graphql.settings import GraphQLSettings
from tests.bff.queries import VARIABLES, queries
from tests.bff.search import MemorySearch
from tests.catalog.fake import FakeCatalog
from tests.proof import count
from tests.web.fakes import FakeCarts

#: Wide limits: here it counts that both answer alike, not how much.
LIMITS = GraphQLSettings(
    cost_max=10**9,
    fields_max=10_000,
    tokens_max=100_000,
    aliases_max=10_000,
    depth_max=64,
    characters_max=1_000_000,
)


def rich() -> FakeCatalog:
    """The demo shop with everything that a product may have."""
    catalog = FakeCatalog.demo()
    cup = catalog.by_slug["caneca-aurora"]
    catalog.types = (
        ProductType(
            code="mug",
            title={"en": "Mug"},
            attributes=(
                AttributeType(code="volume", kind="number", unit="ml", title={"pt-BR": "Volume", "en": "Volume"}),
                AttributeType(
                    code="glaze",
                    kind="enum",
                    options=(EnumOption(code="matt", title={"en": "Matt", "pt-BR": "Fosco"}),),
                ),
            ),
        ),
    )
    catalog.by_slug["caneca-aurora"] = msgspec.structs.replace(
        cup,
        type="mug",
        attributes={
            "volume": 320,
            "glaze": "matt",
            "safe": True,
            "note": {"pt-BR": "à mão", "en": "by hand"},
            "few": [1.5],
        },
        media=(Media(url=f"/media/{'ab' * 16}", alt={"en": "A mug"}, width=800), Media(url="/v.mp4", kind="video")),
        seo=Seo(title={"en": "Mug"}),
    )
    return catalog


def rooms() -> GraphContracts:
    catalog = rich()
    carts = FakeCarts(catalog)
    return GraphContracts(catalog=catalog, search=MemorySearch(catalog), carts=carts, clock=carts.clock)


async def both(query: str, variables: dict[str, Any], at: GraphContracts | None = None) -> tuple[bytes, bytes, bool]:
    """What a plan and what graphql-core answers, and whether the plan was left for graphql-core."""
    schema, here = core_schema(), at or rooms()
    guard(schema)
    document = ParsedQuery(schema, query, LIMITS)
    assert document.problems == [], document.problems
    operation = document.operation(None)
    by_plan = executor(schema, compiled_plans=True)
    planned, remembered, interpreted = [
        await answer(by, operation, variables, Context(here, accept_language="en"))
        for by in (by_plan, by_plan, executor(schema, compiled_plans=False))
    ]
    assert remembered == planned
    given_variables = operation.plans.variables(variables)
    assert isinstance(given_variables, VariableValues)
    return planned.body, interpreted.body, operation.plans.plan(given_variables) is not None


BY_HAND = [
    "{ __typename }",
    "{ products(first: 3) { nodes { id slug title description brand merchant type version createdAt updatedAt } } }",
    "{ products(first: 3) { edges { cursor node { slug } } pageInfo { hasNextPage endCursor startCursor hasPreviousPage } } }",
    '{ product(slug: "caneca-aurora") { attributes { code label kind value text unit } seo { title description } '
    "media { url(size: 300) kind alt width height } } }",
    '{ product(slug: "caneca-aurora", language: "en") { title language variants { sku gtin options { code value } '
    'price(currency: "USD", quantity: 3) { amount currency decimal compareAt { amount currency } '
    "lowestIn30Days { amount } until } "
    "product { slug } bundle { sku } weightG digital image(size: 100) } } }",
    "{ categories { slug title position children { slug parent { slug } ancestors { slug } } "
    "products(first: 1) { nodes { slug } } } }",
    "{ a: products(first: 1) { nodes { slug } } b: products(first: 2) { nodes { ...F } } } "
    "fragment F on Product { slug ...G related { nodes { slug } } } fragment G on Product { slug title }",
    "{ products(first: 1) { nodes { slug } nodes { title } } products(first: 1) { nodes { variants { sku } } } }",
    '{ search(text: "caneca", filters: [{facet: "brand", values: ["Forno Baixo"]}], sort: PRICE_ASC) { total corrected '
    "didYouMean degraded { code } facets { facet label kind unit values { value label count selected } "
    "range { least greatest parts { atLeast atMost count } } } edges { cursor pinned variant { sku } node { slug } } } }",
    '{ suggest(text: "can", first: 3) { kind text slug image } }',
    '{ collections { slug } collection(slug: "none") { slug } category(slug: "none") { slug } }',
    "query ($yes: Boolean!) { products(first: 1) { nodes { slug @include(if: $yes) "
    "title @skip(if: $yes) ... @skip(if: $yes) { brand } } } }",
    "query ($few: Int! = 2) { products(first: $few) { nodes { slug } } }",
    "query ($few: Int = null) { products(first: 1) { nodes { image(size: $few) } } }",
]
#: Where something goes wrong on the way, graphql-core tells it.
WITH_ERRORS = [
    "{ products(first: 0) { nodes { slug } } }",
    '{ products(category: "nowhere") { nodes { slug } } variant(sku: "CAN-AURORA-AZ") { sku } }',
    '{ product(slug: "a", id: "b") { slug } }',
    '{ product(slug: "caneca-aurora", currency: "XXX") { slug } }',
    '{ product(slug: "caneca-aurora") { variants { price(quantity: 0) { amount } sku } } }',
    '{ cart(id: "01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a10") { id } }',
    '{ search(text: "a", after: "broken") { total } }',
]


@pytest.mark.parametrize("query", BY_HAND)
async def test_queries_by_hand_are_answered_alike_by_a_plan(query: str) -> None:
    declared = {name: value for name, value in VARIABLES.items() if f"${name}" in query}
    planned, interpreted, has_plan = await both(query, declared)
    assert has_plan
    assert planned == interpreted
    assert b'"errors"' not in planned


@pytest.mark.parametrize("compiled_plans", [True, False])
async def test_the_setting_says_whether_plans_are_compiled_and_the_answer_stays_the_same(compiled_plans: bool) -> None:
    schema = core_schema()
    guard(schema)
    operation = ParsedQuery(schema, "{ products(first: 1) { nodes { slug } } }", LIMITS).operation(None)
    by = executor(schema, compiled_plans=compiled_plans)
    assert type(by) is (PlanExecutor if compiled_plans else Interpreter)
    assert isinstance(operation.plans.variables({}), VariableValues)
    found = await answer(by, operation, {}, Context(rooms(), accept_language="en"))
    assert found == Executed(b'{"data":{"products":{"nodes":[{"slug":"cafe-serra-lenta"}]}}}', True)


@pytest.mark.parametrize("query", WITH_ERRORS)
async def test_errors_are_told_alike(query: str) -> None:
    planned, interpreted, _ = await both(query, {})
    assert planned == interpreted
    assert msgspec.json.decode(planned)["errors"][0]["extensions"]["code"]


@pytest.mark.proof
@settings(
    max_examples=count(small=40, full=150),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(queries())
async def test_queries_made_over_the_schema_are_answered_alike(query: str) -> None:
    schema = core_schema()
    guard(schema)
    document = ParsedQuery(schema, query, LIMITS)
    assume(not document.problems)  # two fragments may ask for one field in two ways
    planned, interpreted, _ = await both(query, VARIABLES)
    ours, theirs = msgspec.json.decode(planned), msgspec.json.decode(interpreted)
    assert ours.get("data") == theirs.get("data")
    # Fields are asked side by side; of several that make their parent null, which is told is nobody's promise. One at a time
    # they are told alike: see above.
    assert ("errors" in ours) == ("errors" in theirs)
    if b'"errors"' not in planned:
        assert planned == interpreted
