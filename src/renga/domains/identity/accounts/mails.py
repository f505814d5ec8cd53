"""The mails of accounts, in plain text. Their texts are in ``locales/``."""

from renga.platform.mail.port import Mail
from renga.platform.texts import Locales, Texts

PACKAGE = "renga.domains.identity.accounts"


class AccountMails:
    """Mails in the shop's languages; an account whose language the shop no longer has gets the shop's default."""

    def __init__(self, locales: Locales) -> None:
        self.languages = locales.languages
        self._texts = locales.load(PACKAGE, Texts)

    def verify_email(self, to: str, name: str, language: str, link: str) -> Mail:
        return self._mail("verify_email", to, name, language, link)

    def already_registered(self, to: str, name: str, language: str, link: str) -> Mail:
        return self._mail("already_registered", to, name, language, link)

    def recover_account(self, to: str, name: str, language: str, link: str) -> Mail:
        return self._mail("recover_account", to, name, language, link)

    def password_changed(self, to: str, name: str, language: str, link: str) -> Mail:
        return self._mail("password_changed", to, name, language, link)

    def invited_to_merchant(self, to: str, merchant: str, language: str, link: str) -> Mail:
        """``merchant`` is its name. The mail greets nobody by name: whether there is an account, its sender does not learn."""
        return self._mail("invited_to_merchant", to, merchant, language, link)

    def _mail(self, kind: str, to: str, name: str, language: str, link: str) -> Mail:
        texts = self._texts.get(language) or self._texts[self.languages[0]]
        text = texts.text(f"{kind}.text", name=name, link=link)
        return Mail(to=to, subject=texts.text(f"{kind}.subject"), text=text, kind=kind)
