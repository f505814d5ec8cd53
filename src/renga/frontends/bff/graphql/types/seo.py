"""Titles and descriptions for search engines."""

import msgspec
import strawberry

from renga.domains.catalog.contract import Seo as Texts
from renga.frontends.bff.graphql.fields import public
from renga.frontends.bff.graphql.sources import ReaderTerms
from renga.frontends.bff.graphql.texts import say


class OfSeo(msgspec.Struct, frozen=True):
    seo: Texts
    asked: ReaderTerms


def _title(root: strawberry.Parent[OfSeo]) -> str | None:
    return say(root.seo.title, root.asked.preferred)


def _description(root: strawberry.Parent[OfSeo]) -> str | None:
    return say(root.seo.description, root.asked.preferred)


@strawberry.type(name="Seo", description="Texts for search engines in place of title and description.")
class GraphSeo:
    title: str | None = public(_title, "The page title.")
    description: str | None = public(_description, "The page description.")
