"""The catalogues of texts: complete, equal in shape, and nothing in them that no page says."""

import re
from pathlib import Path
from typing import get_args

import pytest

from renga.apps.modules import DECLARED
from renga.domains.catalog.contract import Availability, BaseUnit
from renga.domains.identity.accounts import mails
from renga.domains.identity.contract import MerchantRole, MerchantStatus
from renga.domains.pricing.contract import CouponRefusal
from renga.frontends.web import flash, passwords
from renga.frontends.web.address_form import COUNTRIES
from renga.frontends.web.estimates import STEPS
from renga.frontends.web.i18n import PACKAGE, localised
from renga.frontends.web.pages.gate import consent
from renga.frontends.web.pages.problems import KINDS
from renga.frontends.web.question import SORTS
from renga.frontends.web.visitor import CURRENCIES
from renga.kernel.languages import shop_language
from renga.platform.settings import PlatformSettings
from renga.platform.texts import completeness, languages_in, open_locales, read_catalogue

LANGUAGES = open_locales(PlatformSettings()).languages
WEB = Path(flash.__file__).parent
#: Facets that every shop has; those of options and attributes bring their own words.
FACETS = ("brand", "category", "merchant", "type", "availability", "price")
#: Codes of options that the shop has a word for; a catalogue may have others, which are shown as they are.
OPTIONS = ("color", "colour", "size", "scent", "volume", "weight", "grind", "format", "finish", "material")


def _sources() -> str:
    files = [*WEB.rglob("*.py"), *WEB.joinpath("templates").glob("*.html")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _used() -> set[str]:
    source = _sources()
    keys = set(re.findall(r'\bt\("([a-z0-9_.-]+[a-z0-9_])"[,)]', source))
    for key in re.findall(r'\bt\.count\("([a-z0-9_.]+)"', source):
        keys.add(key)
    keys |= {f"flash.{code}" for code in flash.NOTICES + flash.PROBLEMS}
    keys |= {f"flash.{code}.limit" for code in flash.LIMITED}
    keys |= {f"problem.{kind}.{part}" for kind in KINDS for part in ("title", "text")}
    keys |= {f"currency.{code}" for code in CURRENCIES} | {f"currency.symbol.{code}" for code in CURRENCIES}
    keys.add("language.name")
    keys |= {f"scope.{scope}" for scope in DECLARED.scopes} | {f"country.{code}" for code in COUNTRIES}
    keys |= {f"password.{reason}" for reason in passwords.REASONS} | {f"role.{role}" for role in get_args(MerchantRole)}
    keys |= {f"sort.{sort}" for sort in (*SORTS, "sought")} | {f"facet.{facet}" for facet in FACETS}
    keys |= {f"refused.{code}" for code in (*consent.REFUSALS, "other")}
    keys |= {f"merchant_status.{one}" for one in get_args(MerchantStatus) if one != "approved"}
    keys |= {f"availability.{one}" for one in get_args(Availability)} | {f"unit.{one}" for one in get_args(BaseUnit)}
    keys |= {f"cart.estimate.{step}" for step in STEPS} | {f"cart.coupon.{one}" for one in get_args(CouponRefusal)}
    return keys | {f"option.{code}" for code in OPTIONS}


def _said(language: str) -> dict[str, list[str]]:
    """Every key with its texts: one, or one per plural form."""
    catalogue = read_catalogue(PACKAGE, language)
    return {key: [text] for key, text in catalogue.texts.items()} | {
        key: list(forms) for key, forms in catalogue.forms.items()
    }


def test_a_shop_that_says_nothing_speaks_every_language_that_has_complete_po_files_its_own_first() -> None:
    assert LANGUAGES == ("pt-BR", "en")
    assert set(languages_in(PACKAGE)) == set(languages_in(mails.PACKAGE)) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_that_a_page_says_exists_and_no_other(language: str) -> None:
    assert set(_said(language)) == _used()


@pytest.mark.parametrize("package", [PACKAGE, mails.PACKAGE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_say_the_same_things_with_the_same_values(language: str, package: str) -> None:
    found = completeness(read_catalogue(package, language), read_catalogue(package, "en"))
    assert (found.missing, found.fuzzy, found.unused, found.mismatched) == ((), (), (), ())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: str) -> None:
    assert [key for key, texts in _said(language).items() for text in texts if not text.strip()] == []


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "pt-BR"),
        ("en-US,en;q=0.9,pt;q=0.8", "en"),
        ("fr,pt;q=0.5,en;q=0.4", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("en;q=0.2, pt-BR;q=0.3", "pt-BR"),
        ("en;q=0", "pt-BR"),
        ("de,*;q=0.5", "pt-BR"),
        ("en;q=lots,;;==,", "pt-BR"),
        ("," * 5000 + "en", "pt-BR"),
    ],
)
def test_a_first_visit_gets_the_language_its_browser_likes_best(header: str, language: str) -> None:
    assert shop_language(header, LANGUAGES) == language


def test_a_text_that_lacks_a_language_falls_back_to_the_shops_own() -> None:
    assert localised({"pt-BR": "Bule", "en": "Teapot"}, "en") == "Teapot"
    assert localised({"pt-BR": "Bule"}, "en") == "Bule"
    assert localised({"ja": "急須"}, "en") == "急須"
    assert localised({}, "en") == ""
