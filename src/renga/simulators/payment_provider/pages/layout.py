"""The frame of every page: it says TEST, is readable at 390 px, and needs nothing from elsewhere."""

from html import escape

from renga.kernel.money import exponent
from renga.simulators.payment_provider.pages.texts import TEXTS, PageLanguage


def page(language: PageLanguage, title: str, body: str, *, script: str = "") -> bytes:
    """A page. ``title`` is text, ``body`` HTML, ``script`` the address of a script of ours."""
    test = escape(TEXTS[language]["test"])
    ours = f'<script src="{escape(script)}" defer></script>' if script else ""
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f'<link rel="icon" href="data:,">\n<link rel="stylesheet" href="/page.css">\n{ours}\n</head>\n<body>\n'
        f'<header><p class="test">{test}</p></header>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n'
    ).encode()


def amount_text(amount: int, currency: str, language: PageLanguage) -> str:
    """``R$ 1.234,56`` or ``BRL 1,234.56``."""
    digits = exponent(currency)
    whole, rest = divmod(amount, 10**digits)
    text = f"{whole:,}" + (f".{rest:0{digits}d}" if digits else "")
    if language == "pt-BR":
        text = text.translate(str.maketrans(",.", ".,"))
    sign = "R$" if currency == "BRL" else currency
    return f"{sign} {text}"


def csp(*, ancestors: str = "'none'", form_action: str = "'self'") -> tuple[bytes, bytes]:
    """Nothing but our own style and script; ``form_action`` also names where a form's answer redirects to (Chromium)."""
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
        f"form-action {form_action}; frame-ancestors {ancestors}"
    )
    return (b"content-security-policy", policy.encode())
