"""Use case: read and replace the shop's tax tables."""

import msgspec

from renga.domains.pricing.access import check_rules
from renga.domains.pricing.contract import TaxTables, TaxTablesMismatch
from renga.domains.pricing.contract.events import TaxTablesChanged
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.model.rule_checks import checked_tables
from renga.domains.pricing.recording import event_of
from renga.kernel.caller import Caller

SUBJECT = "taxes"


async def read_tax_tables(dependencies: PricingDependencies, caller: Caller) -> TaxTables:
    """Raises Unauthenticated, InsufficientScope."""
    check_rules(caller)
    return (await dependencies.rules.now()).tables


async def replace_tax_tables(
    dependencies: PricingDependencies, caller: Caller, tables: TaxTables, *, expected_version: int | None = None
) -> TaxTables:
    """Raises TaxTablesInvalid, TaxTablesMismatch."""
    check_rules(caller)
    checked_tables(tables)
    current = (await dependencies.rules.now()).tables.version
    if expected_version is not None and expected_version != current:
        raise TaxTablesMismatch(f"they are at version {current}", version=current)
    changed = msgspec.structs.replace(tables, version=current + 1)
    event = event_of(dependencies, TaxTablesChanged(version=changed.version), SUBJECT, changed.version)
    if not await dependencies.rule_store.put_tables(changed, event):
        raise TaxTablesMismatch("somebody else replaced them at the same time", version=current)
    return changed
