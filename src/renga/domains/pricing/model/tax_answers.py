"""Does a provider's answer fit the question? Whoever answered, the quote must add up."""

from collections.abc import Mapping

from renga.domains.pricing.contract import Taxable, TaxAnswer, TaxAnswerInvalid, TaxedAmount, TaxRequest


def checked_answer(request: TaxRequest, answer: TaxAnswer) -> Mapping[str, TaxedAmount]:
    """The taxed amounts by id. Raises TaxAnswerInvalid."""
    by_id = {one.id: one for one in answer.amounts}
    if len(by_id) != len(answer.amounts) or by_id.keys() != {one.id for one in request.taxables}:
        raise TaxAnswerInvalid(f"{answer.provider} did not answer for exactly the amounts it was asked for")
    for taxable in request.taxables:
        one = by_id[taxable.id]
        if not _adds_up(one, taxable, request.prices_include_tax, relieved=answer.relief is not None):
            raise TaxAnswerInvalid(f"the answer of {answer.provider} for {one.id} does not add up", id=one.id)
    return by_id


def _adds_up(one: TaxedAmount, taxable: Taxable, included: bool, *, relieved: bool) -> bool:
    tax = sum(part.tax for part in one.parts)
    if one.net + tax != one.gross or min(one.net, one.gross, one.relieved) < 0:
        return False
    if any(part.tax < 0 or part.net < 0 for part in one.parts):
        return False
    if one.relieved and not (relieved and included):
        return False
    return (one.gross + one.relieved if included else one.net) == taxable.amount
