"""What search engines are told."""

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


@strawberry.type(name="Seo", description="What search engines are told instead of title and description.")
class GraphSeo:
    title: str | None = public(_title, "Title of the page.")
    description: str | None = public(_description, "Description of the page.")
