"""The number that answers 500 the first time: nothing is done then, and the same key succeeds when it comes again."""

import msgspec

from renga.simulators.payment_provider.desk import ProviderDesk
from renga.simulators.payment_provider.http.idempotent import check_key
from renga.simulators.payment_provider.model.charge import ProviderProblem
from renga.simulators.payment_provider.wire import ProviderRequest


class _TokenOnly(msgspec.Struct):
    token: str = ""
    saved_method: str = ""


_decoder = msgspec.json.Decoder(_TokenOnly)


def check_first_failure(desk: ProviderDesk, request: ProviderRequest) -> None:
    """Raises ProviderProblem (500) if this request is to fail. That it failed is kept, though nothing else is."""
    if not desk.has_failing_cards:
        return
    check_key(desk, request)
    try:
        named = _decoder.decode(request.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return  # the handler says what is wrong
    card = desk.records.look_at_token(named.token, desk.now_ms()) or desk.records.saved_card(named.saved_method)
    if card is None or card.behaviour != "error_first":
        return
    with desk.serving():
        if desk.records.first_failure(request.header(b"idempotency-key")):
            failing = ProviderProblem(500, "provider_error", "the provider has a problem")
        else:
            return
    raise failing
