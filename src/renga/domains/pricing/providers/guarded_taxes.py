"""A tax provider of others, with a deadline and a stated fallback."""

import asyncio

import structlog
from prometheus_client import Counter

from renga.domains.pricing.contract import TaxAnswer, TaxAnswerInvalid, TaxRequest, TaxUnavailable
from renga.domains.pricing.model.tax_answers import checked_answer
from renga.domains.pricing.ports import TaxProvider
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

FALLBACKS = Counter("renga_pricing_tax_fallbacks", "Quotes whose taxes are not the provider's", ["reason"])


class GuardedTaxes:
    """``provider``'s answer within the deadline if it adds up, else that of ``fallback``; without one TaxUnavailable."""

    def __init__(self, provider: TaxProvider, fallback: TaxProvider | None, *, deadline_s: float) -> None:
        self._provider = provider
        self._fallback = fallback
        self._deadline_s = deadline_s

    async def tax(self, request: TaxRequest) -> TaxAnswer:
        if not request.taxables:
            return TaxAnswer(provider="none", amounts=())
        try:
            async with asyncio.timeout(self._deadline_s):
                answer = await self._provider.tax(request)
            checked_answer(request, answer)
        except (TimeoutError, Unavailable) as error:
            return await self._without(request, error)
        return answer

    async def _without(self, request: TaxRequest, error: TimeoutError | Unavailable) -> TaxAnswer:
        invalid = isinstance(error, TaxAnswerInvalid)
        reason = "invalid" if invalid else "deadline" if isinstance(error, TimeoutError) else "unavailable"
        FALLBACKS.labels(reason).inc()
        log.warning("taxes_by_fallback", reason=reason, detail=str(error), fallback=self._fallback is not None)
        if self._fallback is None:
            raise TaxUnavailable("the tax provider did not answer in time, or not rightly") from error
        return await self._fallback.tax(request)
