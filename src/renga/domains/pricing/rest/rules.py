"""REST: the shop's tax tables, and the rules that quotes of a channel follow."""

import msgspec

from renga.domains.pricing.contract import (
    PolicyInvalid,
    PricingManagement,
    PricingPolicy,
    TaxTables,
    TaxTablesInvalid,
    TaxTablesMismatch,
)
from renga.domains.pricing.rest.examples import POLICY, TAXES
from renga.domains.pricing.rest.shared import BODY, ETAG_HELP, NO_STORE, READ, RULES, etag_of, expected_version
from renga.kernel.errors import PreconditionFailed
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.typed_bodies import decoded

_tables = msgspec.json.Decoder(TaxTables)
_policy = msgspec.json.Decoder(PricingPolicy)
_encode = msgspec.json.Encoder().encode
_TAXES, _RULES = "/v1/pricing/taxes", "/v1/pricing/rules/{channel}"
_CHANNEL_HELP = {"channel": "The channel; `*`: every channel without rules of its own."}


def operations(pricing: PricingManagement) -> list[Operation]:
    """The operations of ``/v1/pricing``."""
    return [*_taxes(pricing), *_rules(pricing)]


def _taxes(pricing: PricingManagement) -> list[Operation]:
    async def read(call: Call) -> Answer:
        tables = await pricing.tax_tables(call.caller)
        return Answer(200, _encode(tables), [etag_of(tables.version), NO_STORE])

    async def replace(call: Call) -> Answer:
        tables: TaxTables = decoded(call, _tables)
        expected = None
        if call.header(b"if-match") is not None:
            expected = expected_version(call, (await pricing.tax_tables(call.caller)).version)
        changed = await pricing.replace_tax_tables(call.caller, tables, expected_version=expected)
        return Answer(200, _encode(changed), [etag_of(changed.version), NO_STORE])

    return [
        Operation(
            method="GET", path=_TAXES, handler=read, access=RULES, rate="read", id="readTaxTables",
            summary="The shop's tax tables", tag="pricing", answer=TaxTables, answer_headers=ETAG_HELP, errors=READ,
        ),
        Operation(
            method="PUT", path=_TAXES, handler=replace, access=RULES, rate="write", id="replaceTaxTables",
            summary="Replace the shop's tax tables", tag="pricing", body=TaxTables, answer=TaxTables,
            description="Rates by zone and tax category. The member `version` of the body is ignored.",
            headers=("If-Match",), answer_headers=ETAG_HELP,
            errors=(*READ, TaxTablesInvalid, TaxTablesMismatch, PreconditionFailed, *BODY), example=TAXES,
        ),
    ]  # fmt: skip


def _rules(pricing: PricingManagement) -> list[Operation]:
    async def read(call: Call) -> Answer:
        return Answer(200, _encode(await pricing.policy(call.caller, call.parameters["channel"])), [NO_STORE])

    async def replace(call: Call) -> Answer:
        policy: PricingPolicy = decoded(call, _policy)
        changed = await pricing.replace_policy(call.caller, call.parameters["channel"], policy)
        return Answer(200, _encode(changed), [NO_STORE])

    return [
        Operation(
            method="GET", path=_RULES, handler=read, access=RULES, rate="read", id="readPricingRules",
            summary="The rules of a channel's quotes", tag="pricing", answer=PricingPolicy, path_help=_CHANNEL_HELP,
            errors=(*READ, PolicyInvalid),
        ),
        Operation(
            method="PUT", path=_RULES, handler=replace, access=RULES, rate="write", id="replacePricingRules",
            summary="Replace the rules of a channel's quotes", tag="pricing", body=PricingPolicy, answer=PricingPolicy,
            description="Taxes in prices or added, rounding, shipping's tax, time zone, exchange rates.",
            path_help=_CHANNEL_HELP, errors=(*READ, PolicyInvalid, *BODY), example=POLICY,
        ),
    ]  # fmt: skip
