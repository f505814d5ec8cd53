"""Use case: check every transaction, checkpoint and total against the entries."""

from collections.abc import Sequence

from renga.domains.payments.contract.ledger_reading import READING_LEDGER, LedgerFault
from renga.domains.payments.ledger.ports import LedgerReads
from renga.kernel.caller import Caller

#: Faults that are reported at once.
FAULTS_MAX = 100


async def verify_ledger(reads: LedgerReads, caller: Caller) -> Sequence[LedgerFault]:
    caller.require(READING_LEDGER)
    return await reads.faults(FAULTS_MAX)
