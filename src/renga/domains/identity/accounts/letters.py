"""The mails of accounts: plain text, one thing each, and what to do if it was not you. Their texts are in ``locales/``."""

from functools import lru_cache

from renga.kernel.languages import LANGUAGES
from renga.platform.mail.port import Mail
from renga.platform.texts import Texts, load_texts

PACKAGE = "renga.domains.identity.accounts"


def verify_email(to: str, name: str, language: str, link: str) -> Mail:
    return _mail("verify_email", to, name, language, link)


def already_registered(to: str, name: str, language: str, link: str) -> Mail:
    return _mail("already_registered", to, name, language, link)


def recover_account(to: str, name: str, language: str, link: str) -> Mail:
    return _mail("recover_account", to, name, language, link)


def password_changed(to: str, name: str, language: str, link: str) -> Mail:
    return _mail("password_changed", to, name, language, link)


@lru_cache(maxsize=1)
def _texts() -> dict[str, Texts]:
    return load_texts(PACKAGE, LANGUAGES[0], Texts)


def _mail(kind: str, to: str, name: str, language: str, link: str) -> Mail:
    known = _texts()
    texts = known.get(language) or known[LANGUAGES[0]]
    text = texts.text(f"{kind}.text", name=name, link=link)
    return Mail(to=to, subject=texts.text(f"{kind}.subject"), text=text, kind=kind)
