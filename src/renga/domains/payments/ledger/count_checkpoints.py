"""Use cases: count transactions into checkpoints and totals once nothing older can appear; check them; count all again."""

from collections.abc import Sequence

from renga.domains.payments.contract.ledger_reading import LedgerFault
from renga.domains.payments.ledger.ports import LedgerCheckpoints, Settling

#: Wrong checkpoints that are reported at once.
WRONG_MAX = 100


#: What a step says: nothing new; soon there is something to count; count on at once.
NOTHING, SOON, MORE = 0, 1, 2


class CheckpointCounter:
    """Counts step by step; several may run. A transaction that stays open for long delays the checkpoints, and nothing else."""

    def __init__(self, checkpoints: LedgerCheckpoints) -> None:
        self._checkpoints = checkpoints
        self._settling: Settling | None = None
        self._settled = False

    async def step(self) -> int:
        """Count one batch, if transactions have settled."""
        if self._settling is None:
            self._settling, self._settled = await self._checkpoints.announce(), False
        if self._settling is None:
            return NOTHING
        self._settled = self._settled or await self._checkpoints.settled(self._settling)
        if not self._settled:
            return SOON
        if await self._checkpoints.count(self._settling.upto) < self._settling.upto:
            return MORE
        self._settling = None
        return SOON


async def verify_checkpoints(checkpoints: LedgerCheckpoints) -> Sequence[LedgerFault]:
    """What is wrong, and is deleted with all the others: the entries are the truth, and the next steps count them again."""
    wrong = await checkpoints.wrong(WRONG_MAX)
    if wrong:
        await checkpoints.forget()
    return wrong
