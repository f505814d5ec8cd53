"""Takes a card: as a page of its own (``/card``, works without scripts), or as a field in a frame of the shop (``/frame``)."""

import re
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from renga.simulators.payment_provider.desk import ProviderDesk
from renga.simulators.payment_provider.http.tokens import kept_token
from renga.simulators.payment_provider.model.charge import ProviderProblem
from renga.simulators.payment_provider.pages.layout import csp, page
from renga.simulators.payment_provider.pages.texts import TEXTS, PageLanguage, language_of
from renga.simulators.payment_provider.requests import CardEntry
from renga.simulators.payment_provider.wire import HTML, ProviderAnswer, ProviderRequest, Routes

_ORIGIN = re.compile(r"https?://[a-zA-Z0-9.\-\[\]:]{1,253}")
_STATIC = Path(__file__).parent / "static"
URL_CHARS_MAX = 2_000


class CardPages:
    """``/card``, ``/frame`` and what they load."""

    def __init__(self, desk: ProviderDesk) -> None:
        self._desk = desk

    def add_to(self, routes: Routes) -> None:
        routes.add("GET", "/card", self._card)
        routes.add("POST", "/card", self._take)
        routes.add("GET", "/frame", self._frame)
        routes.add("GET", "/frame.js", lambda _: _asset("frame.js", b"text/javascript; charset=utf-8"))
        routes.add("GET", "/page.css", lambda _: _asset("page.css", b"text/css; charset=utf-8"))

    def _card(self, request: ProviderRequest) -> ProviderAnswer:
        return self._form_page(request, request.query.get("return_url", ""), "")

    def _take(self, request: ProviderRequest) -> ProviderAnswer:
        form = request.form()
        back = form.get("return_url", "")
        self._check_back(back)
        try:
            token = str(kept_token(self._desk, _entered(form))["token"])
        except ProviderProblem as problem:
            return self._form_page(request, back, problem.code)
        language = language_of(request)
        if back:
            return redirect(with_parameters(back, token=token))
        texts = TEXTS[language]
        body = f'<p role="status">{escape(texts["done"])}</p><p><code>{token}</code></p>'
        return ProviderAnswer(200, page(language, texts["card_title"], body), HTML, (csp(),))

    def _form_page(self, request: ProviderRequest, back: str, error: str) -> ProviderAnswer:
        self._check_back(back)
        language = language_of(request)
        hidden = f'<input type="hidden" name="return_url" value="{escape(back)}">' if back else ""
        body = _form(language, hidden, error)
        allowed = f"'self' {origin_of_url(back)}" if back else "'self'"
        status = 422 if error else 200
        return ProviderAnswer(
            status, page(language, TEXTS[language]["card_title"], body), HTML, (csp(form_action=allowed),)
        )

    def _frame(self, request: ProviderRequest) -> ProviderAnswer:
        # a page that does not name itself is named by its browser
        language = language_of(request)
        origin = request.query.get("origin") or origin_of_url(request.header(b"referer"))
        allowed = self._desk.settings.frame_origins or self._desk.settings.shop_origins
        if not _ORIGIN.fullmatch(origin) or (allowed and origin not in allowed):
            texts = TEXTS[language]
            return ProviderAnswer(403, page(language, texts["not_allowed"], ""), HTML, (csp(),))
        body = _form(language, "", "", origin=origin)
        content = page(language, TEXTS[language]["card_title"], body, script="/frame.js")
        return ProviderAnswer(200, content, HTML, (csp(ancestors=origin),))

    def _check_back(self, back: str) -> None:
        """Only pages of the shop are gone back to. Raises ProviderProblem."""
        if not back:
            return
        origin = origin_of_url(back)
        allowed = self._desk.settings.shop_origins
        if len(back) > URL_CHARS_MAX or not _ORIGIN.fullmatch(origin) or (allowed and origin not in allowed):
            raise ProviderProblem(422, "invalid_request", "return_url is not of the shop", field="return_url")


def _entered(form: dict[str, str]) -> CardEntry:
    numbers = {name: form.get(name, "").strip() for name in ("exp_month", "exp_year")}
    if not all(text.isascii() and text.isdecimal() and len(text) <= 4 for text in numbers.values()):
        raise ProviderProblem(422, "invalid_expiry", "there is no such month", field="exp_month")
    return CardEntry(
        number=form.get("number", "")[:40],
        exp_month=int(numbers["exp_month"]),
        exp_year=int(numbers["exp_year"]),
        cvc=form.get("cvc", "").strip()[:8],
    )


def _form(language: PageLanguage, hidden: str, error: str, *, origin: str = "") -> str:
    texts = TEXTS[language]
    # in a frame, the script says what is wrong, in this language
    sayings = "".join(
        f' data-{code.replace("_", "-")}="{escape(texts[code])}"'
        for code in (
            "incorrect_number",
            "invalid_expiry",
            "expired_card",
            "invalid_cvc",
            "invalid_request",
            "unreachable",
        )
    )
    frame = f' data-origin="{escape(origin)}"{sayings}' if origin else ""
    alert = f'<p role="alert" id="error">{escape(texts.get(error, texts["invalid_request"])) if error else ""}</p>'
    described = ' aria-describedby="error"' if error else ""

    def field(name: str, label: str, complete: str, most: int) -> str:
        return (
            f'<div class="field"><label for="{name}">{escape(texts[label])}</label><input id="{name}" name="{name}"'
            f' inputmode="numeric" autocomplete="{complete}" maxlength="{most}" required{described}></div>'
        )

    return (
        f'<form method="post" action="/card?lang={language}" id="card"{frame}>{alert}{hidden}'
        f"{field('number', 'number', 'cc-number', 23)}"
        f'<div class="row">{field("exp_month", "expiry_month", "cc-exp-month", 2)}'
        f"{field('exp_year', 'expiry_year', 'cc-exp-year', 4)}{field('cvc', 'cvc', 'cc-csc', 4)}</div>"
        f"<button>{escape(texts['continue'])}</button></form>"
    )


def _asset(name: str, content_type: bytes) -> ProviderAnswer:
    return ProviderAnswer(200, (_STATIC / name).read_bytes(), content_type, ((b"cache-control", b"max-age=300"),))


def origin_of_url(url: str) -> str:
    """Scheme, host and port; empty, if it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def with_parameters(url: str, **added: str) -> str:
    """The URL with further parameters in its query."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *added.items()])
    return urlunsplit(parts._replace(query=query))


def redirect(url: str) -> ProviderAnswer:
    """See other: by GET."""
    return ProviderAnswer(
        303, headers=((b"location", url.encode("ascii", "backslashreplace")), (b"referrer-policy", b"no-referrer"))
    )
