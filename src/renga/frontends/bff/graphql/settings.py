"""Settings of the section ``graphql``: query limits, caching, introspection."""

from typing import Annotated

import msgspec
from msgspec import Meta


class GraphQLSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the section ``graphql``. A query over a limit is refused before execution."""

    depth_max: Annotated[int, "nesting depth of fields in a query", Meta(ge=1, le=64)] = 12
    aliases_max: Annotated[int, "aliases in a query", Meta(ge=0, le=10_000)] = 50
    fields_max: Annotated[int, "fields written in a query, fragments included", Meta(ge=1, le=10_000)] = 400
    tokens_max: Annotated[int, "tokens in a query", Meta(ge=10, le=100_000)] = 2_000
    characters_max: Annotated[int, "characters in a query", Meta(ge=100, le=1_000_000)] = 20_000
    cost_max: Annotated[int, "fields that an answer may have, counted before execution", Meta(ge=1)] = 10_000
    introspection: Annotated[bool, "allow introspection queries"] = True
    graphiql: Annotated[bool, "show GraphiQL to browsers"] = True
    allow_list: Annotated[str, "JSON file of SHA-256 to query; empty: every query within the limits"] = ""
    documents_max: Annotated[int, "parsed queries cached per process", Meta(ge=1, le=100_000)] = 500
    persisted_max: Annotated[int, "persisted queries cached per process", Meta(ge=1, le=1_000_000)] = 2_000
    persisted_life_s: Annotated[int, "seconds that a persisted query is kept in Redis", Meta(ge=60)] = 7 * 86_400
    compiled_plans: Annotated[bool, "compile queries (off: graphql-core interprets them)"] = True
    max_age_s: Annotated[int, "seconds that browsers and CDNs may cache an answer", Meta(ge=0, le=86_400)] = 30
    answers_max: Annotated[
        int, "answers whose raw requests are remembered; 0: no answer is cached", Meta(ge=0, le=1_000_000)
    ] = 20_000
    currency: Annotated[str, "default currency of prices", Meta(pattern="^[A-Z]{3}$")] = "BRL"
