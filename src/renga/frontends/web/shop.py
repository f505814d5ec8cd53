"""Shared dependencies of all pages, built once: contracts, texts, templates, static files, URLs."""

from urllib.parse import urlencode

import msgspec

from renga.domains.cart.contract import Carts
from renga.domains.catalog.contract import Catalog
from renga.domains.pricing.contract import Pricing
from renga.domains.search.contract import Search
from renga.frontends.web.assets import Assets
from renga.frontends.web.cookies import Jar
from renga.frontends.web.estimates import Estimates
from renga.frontends.web.home_catalogue import HomeCatalogue
from renga.frontends.web.i18n import PACKAGE, Translator
from renga.frontends.web.identity_pages import IdentityPages
from renga.frontends.web.rendering import Templates
from renga.frontends.web.request_session import Names
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource, id_source
from renga.platform.settings import PlatformSettings, public_url
from renga.platform.texts import open_locales


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """``base`` is the public address without a slash at its end, ``languages`` start with the shop's default;
    without ``identity`` there are no accounts, without ``search`` listings come from the catalogue, without ``pricing`` carts
    have no estimate.
    """

    catalog: Catalog
    carts: Carts
    search: Search | None
    estimates: Estimates
    home_catalogue: HomeCatalogue
    base: str
    jar: Jar
    assets: Assets
    templates: Templates
    languages: tuple[str, ...]
    translators: dict[str, Translator]
    new_key: IdSource
    clock: Clock
    identity: IdentityPages | None
    names: Names | None

    @property
    def language_names(self) -> list[tuple[str, str]]:
        """Each language with its native name."""
        return [(tag, self.translators[tag]("language.name")) for tag in self.languages]

    def address_in(self, path: str, language: str) -> str:
        """The URL of a page in a language; the default language has the plain URL."""
        if language == self.languages[0]:
            return f"{self.base}{path}"
        return f"{self.base}{path}{'&' if '?' in path else '?'}{urlencode({'lang': language})}"


def open_shop(
    catalog: Catalog,
    carts: Carts,
    settings: PlatformSettings,
    clock: Clock,
    identity: IdentityPages | None,
    search: Search | None,
    pricing: Pricing | None,
) -> Shop:
    base = public_url(settings)
    assets = Assets()
    locales = open_locales(settings)
    new_key = id_source(clock)
    return Shop(
        catalog=catalog,
        carts=carts,
        search=search,
        estimates=Estimates(pricing, clock),
        home_catalogue=HomeCatalogue(catalog),
        base=base,
        jar=Jar(secure=base.startswith("https://")),
        assets=assets,
        templates=Templates(asset=assets.url, new_key=new_key),
        languages=locales.languages,
        translators=locales.load(PACKAGE, Translator),
        new_key=new_key,
        clock=clock,
        identity=identity,
        names=Names(identity.accounts, clock) if identity else None,
    )
