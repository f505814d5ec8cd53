"""The page of ``test_pay_url``."""

from html import escape

from renga.simulators.payment_provider.model.charge import Charge
from renga.simulators.payment_provider.pages.layout import amount_text, page
from renga.simulators.payment_provider.pages.texts import TEXTS, language_of
from renga.simulators.payment_provider.wire import ProviderRequest

_NAMES = {"pix": "Pix", "boleto": "boleto"}


def paying_page(charge: Charge, request: ProviderRequest, *, just_paid: bool = False) -> bytes:
    """A button that pays; it still does after the end, and a second time."""
    language = language_of(request)
    texts = TEXTS[language]
    amount = amount_text(charge.amount, charge.currency, language)
    said = f'<p role="status">{escape(texts["paid"])}</p>' if just_paid else ""
    state = escape(texts["pay_text"].format(amount=amount, state=texts[f"state_{charge.state}"]))
    code = charge.pix.payload if charge.pix else charge.boleto.line if charge.boleto else ""
    picture = (
        f'<p><img src="/v1/payments/{charge.id}/pix.svg" alt="QR code" width="200" height="200"></p>'
        if charge.pix and not charge.captures
        else ""
    )
    button = escape(texts["pay_again" if charge.captures else "pay"].format(amount=amount))
    body = (
        f"{said}<p>{state}</p>{picture}<p><code>{escape(code)}</code></p>"
        f'<form method="post" action="/test/pay/{charge.id}"><button>{button}</button></form>'
    )
    return page(language, texts["pay_title"].format(method=_NAMES[charge.method]), body)
