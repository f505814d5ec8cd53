"""What all pages of the storefront share, put together once: contracts, texts, templates, static files, addresses."""

from urllib.parse import urlencode

import msgspec

from renga.domains.cart.contract import Carts
from renga.domains.catalog.contract import Catalog
from renga.domains.search.contract import Search
from renga.frontends.web.assets import Assets
from renga.frontends.web.cookies import Jar
from renga.frontends.web.home_catalogue import HomeCatalogue
from renga.frontends.web.i18n import PACKAGE, Translator
from renga.frontends.web.identity_pages import IdentityPages
from renga.frontends.web.rendering import Templates
from renga.frontends.web.who import Names
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource, id_source
from renga.platform.settings import PlatformSettings, public_url
from renga.platform.texts import open_locales


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """``base`` is the public address without a slash at its end, ``languages`` begin with the shop's own;
    without ``identity`` there are no accounts, without ``search`` shelves are as the catalogue has them.
    """

    catalog: Catalog
    carts: Carts
    search: Search | None
    shelf: HomeCatalogue
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
        """Each language with its own name for itself."""
        return [(tag, self.translators[tag]("language.name")) for tag in self.languages]

    def address_in(self, path: str, language: str) -> str:
        """The address of a page in one language; the shop's own language has the plain one."""
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
) -> Shop:
    base = public_url(settings)
    assets = Assets()
    locales = open_locales(settings)
    new_key = id_source(clock)
    return Shop(
        catalog=catalog,
        carts=carts,
        search=search,
        shelf=HomeCatalogue(catalog),
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
